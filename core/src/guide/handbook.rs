//! `docs/codes.md`, written from the codes.

use super::Code;

/// The whole of `docs/codes.md`: every code with cause and remedy, Japanese first.
///
/// `cargo run -p shikaku --example codes > docs/codes.md` writes it; a test holds both together.
pub fn handbook() -> String {
    let mut page = String::from(HEAD);
    for code in Code::ALL {
        let guide = code.guide();
        let rows = [
            ("原因", guide.cause_ja),
            ("対処", guide.remedy_ja),
            ("Cause", guide.cause_en),
            ("Remedy", guide.remedy_en),
        ];
        write_section(&mut page, code.as_str(), rows);
    }
    page
}

const HEAD: &str = "\
# コード一覧（Codes: cause and remedy）

この一覧は `cargo run -p shikaku --example codes` で作られます。手で直さないでください。
This page is generated from `core/src/guide`; do not edit it by hand.
";

fn write_section(page: &mut String, name: &str, rows: [(&str, &str); 4]) {
    for part in ["\n## `", name, "`\n\n"] {
        page.push_str(part);
    }
    for (label, text) in rows {
        for part in ["- **", label, "**: ", text, "\n"] {
            page.push_str(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_docs_is_what_the_codes_say() {
        let page = include_str!("../../../docs/codes.md");
        assert!(page == handbook(), "run: cargo run -p shikaku --example codes > docs/codes.md");
    }
}
