//! `docs/codes.md` and `docs/ja/remedies.md`, written from the codes.

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
        write_section(&mut page, code.as_str(), &rows);
    }
    page
}

/// The whole of `docs/ja/remedies.md` (お困りのとき): what staff look a code up in, Japanese alone.
///
/// `cargo run -p shikaku --example codes -- ja > docs/ja/remedies.md` writes it; a test holds both together.
pub fn remedies() -> String {
    let mut page = String::from(HEAD_FOR_STAFF);
    for code in Code::ALL {
        let guide = code.guide();
        write_section(&mut page, code.as_str(), &[("原因", guide.cause_ja), ("対処", guide.remedy_ja)]);
    }
    page
}

const HEAD: &str = "\
# コード一覧（Codes: cause and remedy）

この一覧は `cargo run -p shikaku --example codes` で作られます。手で直さないでください。
This page is generated from `core/src/guide`; do not edit it by hand.
";

const HEAD_FOR_STAFF: &str = "\
# お困りのとき

画面に出たコードの、原因と対処です。探すコードは画面の下に小さく出ています。使い方は[窓口の手引き](staff.md)にあります。

この一覧は `cargo run -p shikaku --example codes -- ja` で作られます。手で直さないでください。
";

fn write_section(page: &mut String, name: &str, rows: &[(&str, &str)]) {
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
    fn the_pages_in_docs_are_what_the_codes_say() {
        let page = include_str!("../../../docs/codes.md");
        assert!(page == handbook(), "run: cargo run -p shikaku --example codes > docs/codes.md");
        let page = include_str!("../../../docs/ja/remedies.md");
        assert!(page == remedies(), "run: cargo run -p shikaku --example codes -- ja > docs/ja/remedies.md");
    }
}
