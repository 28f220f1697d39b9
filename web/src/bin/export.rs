//! The worker that carries out plans.

fn main() {
    snaptape_web::worker::export::start();
}
