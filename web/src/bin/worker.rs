//! The worker that reads the files.

fn main() {
    snaptape_web::worker::open::start();
}
