use super::*;

fn event(kind: DestructiveKind, keys: Option<KeyRange>) -> DestructiveEvent {
    DestructiveEvent { kind, keys, ..DestructiveEvent::default() }
}

#[test]
fn the_flush_that_removed_most_comes_first() {
    use DestructiveKind::{DeleteBurst, ExpiryStorm, Flushall, Flushdb, Swapdb};
    let worst = |events: &[(DestructiveKind, Option<u64>)]| {
        let destructive = events.iter().enumerate().map(|(at, (kind, keys))| DestructiveEvent {
            offset: at as u64,
            ..event(*kind, keys.map(KeyRange::exactly))
        });
        let tape = Tape { destructive: destructive.collect(), ..Tape::default() };
        tape.worst().map(|event| event.offset)
    };
    assert_eq!(worst(&[(Swapdb, Some(900)), (Flushdb, Some(2)), (Flushall, Some(300))]), Some(2));
    assert_eq!(worst(&[(Flushall, Some(300)), (Flushdb, Some(2)), (DeleteBurst, Some(9_000))]), Some(0));
    assert_eq!(worst(&[(Flushdb, Some(2)), (Flushdb, Some(2))]), Some(1), "of equal ones the last");
    assert_eq!(worst(&[(Flushall, Some(0)), (DeleteBurst, Some(500))]), Some(1), "nothing was there");
    assert_eq!(worst(&[(Flushall, Some(7)), (Flushall, None)]), Some(1), "nobody knows how many");
    assert_eq!(worst(&[(ExpiryStorm, Some(500)), (Flushall, Some(0))]), None);
}
