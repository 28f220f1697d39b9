//! The page.

fn main() {
    snaptape_web::app::start();
}
