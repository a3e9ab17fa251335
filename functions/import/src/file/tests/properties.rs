//! Properties of any file.

use super::*;
use proptest::prelude::*;

/// Pieces of files. Random texts that consist of these pieces reach all parsers.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "\n",
        "\r\n",
        "\r",
        ",",
        ";",
        "\t",
        "|",
        "\"",
        "\"\"",
        "'",
        "=",
        " ",
        "{",
        "}",
        "[",
        "]",
        ":",
        "url",
        "\"url\":",
        "\"links\":",
        "\"data\":",
        "\"tags\":",
        "target",
        "address",
        "longUrl",
        "shortCode",
        "Short link",
        "Long",
        "Destination URL",
        "Short",
        "keyword",
        "sep=;",
        "https://example.com/",
        "http://a",
        "{{.Path}}",
        "ä",
        "\u{feff}",
        "\0",
        "null",
        "true",
        "1e9",
        "\\u",
        "\\",
        "expires_at",
        "2027-01-31",
        "%",
        "é",
        "구",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// Checks the properties that hold for any bytes.
fn check(bytes: &[u8]) {
    for source in [None, Some(Source::Plain), Some(Source::Golink), Some(Source::Yourls)] {
        match read(bytes, source) {
            Ok(file) => {
                assert!(source.is_none_or(|source| source == file.source));
                assert!(!file.rows.is_empty());
                assert!(file.rows.is_sorted_by(|a, b| a.number < b.number));
                assert!(file.rows.iter().all(|row| row.number > 0 && row.tags.len() <= Row::MAX_TAGS));
            }
            Err(error) => {
                let sentence = error.to_string();
                assert!(sentence.ends_with(['.', '?']) && sentence.len() < 2_000, "{sentence}");
                assert!(!sentence.chars().any(char::is_control), "{sentence:?}");
            }
        }
    }
}

/// Writes a table as spreadsheets do.
fn table(rows: &[[String; 3]], delimiter: u8, line_end: &str) -> String {
    let quote = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
    let separator = char::from(delimiter).to_string();
    let header = ["url", "id", "title"].join(&separator);
    let rows = rows.iter().map(|row| row.iter().map(quote).collect::<Vec<_>>().join(&separator));
    [header].into_iter().chain(rows).collect::<Vec<_>>().join(line_end)
}

/// Puts a `'` before a cell that a spreadsheet would read as a formula.
fn guarded(cell: &str) -> String {
    let is_formula = cell.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula { format!("'{cell}") } else { cell.to_owned() }
}

fn cells() -> impl Strategy<Value = Vec<[String; 3]>> {
    let title = "[a-z=+@'\" ,;|\t\n\r<>ä€구-]{0,12}";
    prop::collection::vec(("https://[a-z]{1,8}/[a-z,;]{0,5}", "[a-z0-9./_-]{0,6}", title), 1..12)
        .prop_map(|rows| rows.into_iter().map(|(url, id, title)| [url, id, title]).collect())
}

proptest! {
    #[test]
    fn any_bytes_are_rows_or_a_sentence(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        check(&bytes);
    }

    #[test]
    fn any_text_of_known_pieces_is_rows_or_a_sentence(text in pieces()) {
        check(text.as_bytes());
    }

    #[test]
    fn no_row_of_a_table_is_lost_or_changed(
        rows in cells(),
        delimiter in prop::sample::select(vec![b',', b';', b'\t']),
        line_end in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        let guarded: Vec<_> = rows.iter().map(|[url, id, title]| [url.clone(), guarded(id), guarded(title)]).collect();
        let text = table(&guarded, delimiter, line_end);
        let file = read_text(&text);
        prop_assert_eq!(file.rows.len(), rows.len());
        for (row, [url, id, title]) in file.rows.iter().zip(&rows) {
            prop_assert_eq!(&row.refused, &None);
            prop_assert_eq!(&row.url, url);
            prop_assert_eq!(row.slug.as_deref().unwrap_or_default(), id.trim_matches('/'));
            prop_assert_eq!(row.title.as_deref().unwrap_or_default(), if title.trim().is_empty() { "" } else { title });
        }
    }

    #[test]
    fn no_object_of_a_list_or_of_lines_is_lost_or_changed(rows in cells(), as_lines: bool, pretty: bool) {
        let objects: Vec<_> = rows
            .iter()
            .map(|[url, id, title]| serde_json::json!({ "url": url, "id": id, "title": title, "x": [id] }))
            .collect();
        let text = match (as_lines, pretty) {
            (true, _) => objects.iter().map(|object| format!("{object}\n")).collect(),
            (false, true) => serde_json::to_string_pretty(&objects).unwrap(),
            (false, false) => serde_json::json!({ "data": objects }).to_string(),
        };
        let file = read_text(&text);
        prop_assert_eq!(file.rows.len(), rows.len());
        for ((row, [url, _, title]), number) in file.rows.iter().zip(&rows).zip(1..) {
            prop_assert_eq!((row.number, &row.url, &row.refused), (number, url, &None));
            prop_assert_eq!(row.title.as_deref().unwrap_or_default(), if title.trim().is_empty() { "" } else { title });
        }
    }
}
