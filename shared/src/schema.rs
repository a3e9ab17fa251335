//! JSON Schemas of the model's types. Input schemas can allow more than output schemas, because Signpost converts
//! upper case to lower case, and times to UTC.

use crate::model::{
    Access, Birth, Change, Day, DisplayName, Forward, Handle, OrgId, RecordId, Search, Slug, SlugPrefix,
    State, Tag, TargetUrl, Timestamp, Title, UserId,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// The codes that a fault can have.
pub const FAULT_CODES: &[&str] = &[
    "changed",
    "control_character",
    "credentials_in_url",
    "duplicate",
    "immutable",
    "invalid_access",
    "invalid_day",
    "invalid_forward",
    "invalid_handle",
    "invalid_link",
    "invalid_prefix",
    "invalid_record",
    "invalid_search",
    "invalid_slug",
    "invalid_tag",
    "invalid_time",
    "invalid_title",
    "invalid_url",
    "invalid_user",
    "loop",
    "missing",
    "not_in_the_future",
    "out_of_range",
    "private_address",
    "reserved_handle",
    "reserved_slug",
    "too_long",
    "too_many",
    "unknown_field",
    "unknown_parameter",
    "unknown_word",
    "unsupported_scheme",
    "wrong_type",
];

/// The formats of imported files.
pub const FILE_FORMATS: &[&str] = &[
    "bitly",
    "dub",
    "shlink",
    "kutt",
    "yourls",
    "short.io",
    "rebrandly",
    "tinyurl",
    "golink",
    "sink",
    "plain",
];

/// The codes that a note about an imported row can have.
pub const NOTE_CODES: &[&str] = &[
    "expired",
    "members_only",
    "same_target",
    "slug_changed",
    "slug_drawn",
    "slug_folded",
    "switched_off",
    "tags_changed",
    "tags_dropped",
    "target_changed",
    "title_cut",
    "title_dropped",
];

/// Text without control characters.
const PRINTABLE: &str = r"^[^\u0000-\u001F\u007F-\u009F]*$";

/// Makes all properties of a type optional.
pub(crate) fn all_optional(schema: &mut Schema) {
    schema.remove("required");
}

/// Implements the input and output schemas of a type. They are inlined, so that readers see the rule next to the value.
macro_rules! schema {
    ($name:ident: read { $($read:tt)* } written { $($written:tt)* }) => {
        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                if generator.contract().is_deserialize() {
                    json_schema!({ $($read)* })
                } else {
                    json_schema!({ $($written)* })
                }
            }
        }
    };
    ($name:ident: { $($both:tt)* }) => {
        schema!($name: read { $($both)* } written { $($both)* });
    };
}

schema!(OrgId: { "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$" });

schema!(UserId: { "type": "string", "minLength": 1, "maxLength": 255, "pattern": PRINTABLE });

schema!(DisplayName: { "type": "string", "minLength": 1, "maxLength": 100, "pattern": PRINTABLE });

schema!(Slug:
    read {
        "type": "string",
        "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$",
        "description": "Upper case becomes lower case. `link` is reserved.",
    }
    written { "type": "string", "pattern": "^[a-z0-9][a-z0-9_-]{0,63}$" }
);

// The second form, which contains `#`, is for links that were created before the attribute `birth` existed.
schema!(Birth: {
    "type": "string",
    "pattern": "^([A-Za-z0-9_-]{16}|[a-z0-9][a-z0-9_-]{0,63}#[0-9]{1,15})$",
});

schema!(RecordId: { "type": "string", "pattern": "^[0-9]{15}-[A-Za-z0-9_-]{21}$" });

schema!(Change: { "type": "string", "enum": Change::ALL.map(Change::as_str) });

schema!(SlugPrefix: { "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$" });

// One or more words, separated by white space. All control characters that are not white space are rejected.
schema!(Search: {
    "type": "string",
    "minLength": 1,
    "maxLength": 100,
    "pattern": r"^[^\u0000-\u0008\u000E-\u001F\u007F-\u009F]*[^\u0000-\u0020\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000][^\u0000-\u0008\u000E-\u001F\u007F-\u009F]*$",
});

schema!(State: { "type": "string", "enum": State::ALL.map(State::as_str) });

schema!(Handle:
    read {
        "type": "string",
        "pattern": "^[A-Za-z0-9]([A-Za-z0-9-]{0,38}[A-Za-z0-9])?$",
        "description": "Upper case becomes lower case. Some words are reserved.",
    }
    written { "type": "string", "pattern": "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$" }
);

schema!(Tag:
    read {
        "type": "string",
        "pattern": "^[A-Za-z0-9_-]{1,32}$",
        "description": "Upper case becomes lower case.",
    }
    written { "type": "string", "pattern": "^[a-z0-9_-]{1,32}$" }
);

schema!(Title:
    // No line breaks and no characters that change the direction of text. A pattern cannot express whether a character
    // is visible.
    read {
        "type": "string",
        "minLength": 1,
        "maxLength": 200,
        "pattern": r"^[^\u0000-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u206F\uFFF9-\uFFFB]*$",
    }
    written { "type": "string", "minLength": 1, "maxLength": 200, "pattern": PRINTABLE }
);

schema!(TargetUrl:
    // There is no maximum length, because normalization can shorten a URL. There is no format `uri`, because validators
    // reject host names in other scripts. More kinds of white space are trimmed than the pattern allows.
    read {
        "type": "string",
        "pattern": r"^[\u0009-\u000D ]*[Hh][Tt][Tt][Pp][Ss]?:[^\u0000-\u001F\u007F-\u009F]*[\u0009-\u000D ]*$",
        "examples": ["https://example.com/launch?from=flyer"],
    }
    written { "type": "string", "format": "uri", "maxLength": 2048, "pattern": "^https?://[!-~]+$" }
);

schema!(Day: { "type": "string", "format": "date", "examples": ["2026-11-22"] });

schema!(Forward: { "type": "string", "enum": Forward::ALL });
schema!(Access: { "type": "string", "enum": [Access::Public, Access::Members] });

schema!(Timestamp:
    read { "type": "string", "format": "date-time", "examples": ["2099-12-31T23:59:59+01:00"] }
    written {
        "type": "string",
        "format": "date-time",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$",
    }
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::string::string_regex;
    use schemars::generate::SchemaSettings;
    use std::str::FromStr;

    /// Generates texts that match the pattern of a schema and respect its minimum and maximum length.
    fn texts_of<T: JsonSchema>(settings: SchemaSettings) -> impl Strategy<Value = String> {
        let schema = settings.into_generator().subschema_for::<T>();
        let pattern = schema.get("pattern").unwrap().as_str().unwrap();
        let bounds = ["minLength", "maxLength"].map(|name| schema.get(name).and_then(|bound| bound.as_u64()));
        // JSON Schema patterns use ECMAScript's syntax. Proptest uses Rust's syntax, without anchors.
        let pattern = pattern.trim_start_matches('^').trim_end_matches('$');
        let pattern = pattern.replace(r"\u0000-\u001F\u007F-\u009F", r"\x00-\x1F\x7F-\u{9F}");
        let pattern = pattern.replace(
            r"\u2028-\u202E\u2066-\u206F\uFFF9-\uFFFB",
            r"\u{2028}-\u{202E}\u{2066}-\u{206F}\u{FFF9}-\u{FFFB}",
        );
        let pattern = match bounds {
            [Some(least), Some(most)] => pattern.replace('*', &format!("{{{least},{most}}}")),
            _ => pattern,
        };
        string_regex(&pattern).unwrap().prop_filter("reserved", |text| !text.eq_ignore_ascii_case("link"))
    }

    fn texts_of_a_search() -> impl Strategy<Value = String> {
        let schema =
            SchemaSettings::draft2020_12().for_deserialize().into_generator().subschema_for::<Search>();
        let pattern = schema.get("pattern").unwrap().as_str().unwrap();
        let pattern = pattern.trim_start_matches('^').trim_end_matches('$');
        string_regex(&pattern.replace('*', "{0,49}")).unwrap()
    }

    fn agree<T: JsonSchema + FromStr + ToString>(read: &str, written: &str) -> Result<(), TestCaseError> {
        prop_assert!(T::from_str(read).is_ok(), "{read:?}");
        let value = T::from_str(written).ok().map(|value| value.to_string());
        prop_assert_eq!(value.as_deref(), Some(written));
        Ok(())
    }

    fn pair_of<T: JsonSchema>() -> impl Strategy<Value = (String, String)> {
        let settings = SchemaSettings::draft2020_12;
        (texts_of::<T>(settings().for_deserialize()), texts_of::<T>(settings().for_serialize()))
    }

    proptest! {
        #[test]
        fn every_text_that_a_schema_allows_is_read_and_every_one_it_promises_is_written(
            org in pair_of::<OrgId>(),
            user in pair_of::<UserId>(),
            name in pair_of::<DisplayName>(),
            slug in pair_of::<Slug>(),
            handle in pair_of::<Handle>(),
            tag in pair_of::<Tag>(),
            title in pair_of::<Title>(),
        ) {
            agree::<OrgId>(&org.0, &org.1)?;
            agree::<UserId>(&user.0, &user.1)?;
            agree::<DisplayName>(&name.0, &name.1)?;
            agree::<Slug>(&slug.0, &slug.1)?;
            agree::<Handle>(&handle.0, &handle.1)?;
            agree::<Tag>(&tag.0, &tag.1)?;
            agree::<Title>(&title.0, &title.1)?;
        }

        #[test]
        fn every_text_that_the_schema_of_a_search_allows_is_read(text in texts_of_a_search()) {
            prop_assert!(Search::try_from(text.clone()).is_ok(), "{:?}", text);
        }

        /// A title that ends with a visible right-to-left letter also meets the rules that a pattern cannot express.
        #[test]
        fn every_title_that_the_schema_allows_is_taken_beside_a_letter_that_can_be_seen(
            title in texts_of::<Title>(SchemaSettings::draft2020_12().for_deserialize()),
        ) {
            let seen: String = title.chars().take(199).chain(['א']).collect();
            prop_assert!(Title::from_request(seen).is_ok(), "{:?}", title);
        }
    }
}
