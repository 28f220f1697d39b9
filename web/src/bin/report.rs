//! The worker that writes documents.

fn main() {
    snaptape_web::worker::report::start();
}
