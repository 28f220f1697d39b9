pub mod app { pub fn start() {} }
pub mod worker { pub fn start() {} }
