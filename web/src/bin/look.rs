//! The worker that looks into opened files.

fn main() {
    snaptape_web::worker::look::start();
}
