//! The program of the page, and of its workers: they load the same file, and then what they need of the rest.

fn main() {
    match snaptape_web::worker::name() {
        None => snaptape_web::app::start(),
        Some(name) => snaptape_web::worker::start(name),
    }
}
