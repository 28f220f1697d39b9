//! Names that want to be more than names.

use super::*;

const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "a|b|c",
    "``` `` `",
    "line\nbreak\r\n# not a heading",
    "\u{202e}txt.exe\u{200f}",
    "[x](javascript:alert(1)) ![y](http://example.com/z)",
    "\" onload='x' & &lt; </style></code>",
    "@everyone **bold** $x$ ~~no~~ <!-- -->",
];

fn hostile() -> Document {
    let spans =
        |name: &str| vec![Span::Text(name.into()), Span::Strong(name.into()), Span::Code(name.into())];
    Document {
        title: HOSTILE[0].into(),
        verdict: HOSTILE[6].into(),
        blocks: HOSTILE
            .iter()
            .flat_map(|name| {
                [
                    Block::Heading((*name).into()),
                    Block::Paragraph(spans(name)),
                    Block::List(vec![spans(name)]),
                    Block::Table {
                        head: vec!["Name", ">n"],
                        rows: vec![vec![spans(name), vec![Span::Text("1".into())]]],
                    },
                ]
            })
            .collect(),
    }
}

#[test]
fn html_holds_no_element_that_is_not_ours() {
    let html = html(&hostile());
    let known = [
        "!doctype", "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "b", "code",
        "ul", "li", "div", "table", "thead", "tbody", "tr", "th", "td",
    ];
    for tag in html.split('<').skip(1) {
        let name = tag
            .trim_start_matches('/')
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '!')
            .next()
            .unwrap();
        assert!(known.contains(&name), "<{tag}");
        // An attribute of ours holds no sign that could end it.
        assert!(tag.contains('>'), "<{tag}");
    }
    assert_eq!(html.matches("<style>").count(), 1);
    for c in ['\u{202e}', '\u{200f}', '\r'] {
        assert!(!html.contains(c), "{c:?}");
    }
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!html.contains("onload='"), "quotes are written out");
}

#[test]
fn the_policy_allows_the_style_that_is_there() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let html = html(&Document::default());
    let style = html.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).unwrap();
    let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style.as_bytes()));
    assert!(html.contains(&format!("default-src 'none'; style-src 'sha256-{hash}'")));
    assert!(!html.contains(" style=") && !html.contains("<script"));
}

#[test]
fn markdown_rows_have_as_many_cells_as_their_head() {
    let text = markdown(&hostile());
    let mut rows = 0;
    for line in text.lines().filter(|line| line.starts_with('|')) {
        let bars = line.replace("\\\\", "").replace("\\|", "").matches('|').count();
        assert_eq!(bars, 3, "{line}");
        rows += 1;
    }
    assert_eq!(rows, HOSTILE.len() * 3);
    // Every line is one that we began: for each name a heading, a paragraph, a list, and three of a table.
    assert_eq!(text.lines().filter(|line| !line.is_empty()).count(), 1 + HOSTILE.len() * 6, "{text}");
    assert!(text.contains("```` ``` `` ` ````"), "more backticks around than within: {text}");
    assert!(text.contains("\\<script\\>") && !text.contains("\n# not a heading"));
    assert!(!text.contains('\u{202e}') && !text.contains('\u{200f}'));
    assert!(text.contains("- \\[x\\](javascript:alert(1))"), "a link is none: {text}");
}
