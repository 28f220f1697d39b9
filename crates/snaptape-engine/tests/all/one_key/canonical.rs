//! The canonical form of a value, put together from its elements.

use snaptape_report::ElementRow;

fn push(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(format!("{}:", bytes.len()).as_bytes());
    out.extend_from_slice(bytes);
    out.push(b',');
}

/// Its SHA-256.
pub(crate) fn digest(type_name: &str, rows: &[ElementRow], last_id: Option<&str>) -> String {
    let mut out = Vec::new();
    push(&mut out, type_name.as_bytes());
    if let Some(last_id) = last_id {
        push(&mut out, last_id.as_bytes());
    }
    let mut rows: Vec<&ElementRow> = rows.iter().collect();
    if matches!(type_name, "set" | "hash" | "zset") {
        rows.sort_by(|a, b| a.texts[0].bytes.cmp(&b.texts[0].bytes));
    }
    for row in rows {
        assert_eq!(row.more_texts, 0);
        if type_name == "stream" || type_name == "array" {
            push(&mut out, row.label.as_ref().unwrap().as_bytes());
        }
        if type_name == "stream" {
            push(&mut out, (row.texts.len() / 2).to_string().as_bytes());
        }
        for text in &row.texts {
            assert!(!text.is_cut());
            push(&mut out, &text.bytes);
        }
        match type_name {
            "zset" => {
                let score: f64 = row.score.as_ref().unwrap().parse().unwrap();
                push(&mut out, format!("{:016x}", score.to_bits()).as_bytes());
            }
            "hash" => {
                push(&mut out, row.expires_at_ms.map(|ms| ms.to_string()).unwrap_or_default().as_bytes());
            }
            _ => {}
        }
    }
    snaptape_testdata::sha256(&out)
}
