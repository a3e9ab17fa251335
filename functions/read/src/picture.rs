use crate::layout::Layout;
use lambda_http::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use lambda_http::{Body, Response};
use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, Filter};
use qrcode::bits::encode_auto;
use qrcode::types::QrError;
use qrcode::{EcLevel, QrCode};
use shared::error::{ApiError, Fault};
use shared::http::Request;
use shared::model::{Invalid, Slug};
use std::fmt::Write;
use std::ops::RangeInclusive;

/// The requested image of a QR code.
#[derive(Debug, Clone, Copy)]
pub struct Picture {
    format: Format,
    /// The width and height in pixels. For an SVG, the default size.
    size: u16,
    /// The minimum width of the quiet zone in modules.
    margin: u16,
}

#[derive(Debug, Clone, Copy)]
enum Format {
    Svg,
    Png,
}

impl Picture {
    /// Parses the query parameters `format`, `size` and `margin`. The default margin is the one that ISO/IEC 18004
    /// requires.
    ///
    /// # Errors
    /// A parameter is unknown or breaks a rule.
    pub fn requested(request: &Request) -> Result<Self, ApiError> {
        let mut query = request.query();
        let format = query.take("format", format).unwrap_or(Format::Svg);
        let size = query.take("size", |text| {
            number(&text, 128..=2048, "size must be a number of pixels from 128 to 2048")
        });
        let margin = query
            .take("margin", |text| number(&text, 0..=16, "margin must be a number of modules from 0 to 16"));
        query.finish()?;
        Ok(Self { format, size: size.unwrap_or(512), margin: margin.unwrap_or(4) })
    }

    /// Returns a response with the QR code of `text` and the file name `name`.
    ///
    /// # Errors
    /// A module would be smaller than a pixel, or the text is too long for any QR code.
    pub fn answer(self, name: &Slug, text: &str) -> Result<Response<Body>, ApiError> {
        // The text is too long only if SHORT_BASE_URL has about two thousand characters.
        let code = code_of(text)
            .map_err(|_| ApiError::Internal("the short URL is too long for a QR code".to_owned()))?;
        let layout = Layout::new(&code, self.size.into(), self.margin.into()).map_err(|least| {
            let rule = format!("size must be at least {least} pixels for this code and margin");
            ApiError::InvalidQuery(vec![Fault::new("size", Invalid::new("out_of_range", rule))])
        })?;
        let (content_type, body, extension) = match self.format {
            Format::Svg => ("image/svg+xml", Body::from(svg(&layout)), "svg"),
            Format::Png => {
                let png = png(&layout, self.size)
                    .map_err(|error| ApiError::Internal(format!("a PNG could not be encoded: {error}")))?;
                ("image/png", Body::from(png), "png")
            }
        };
        // A slug needs no escaping (RFC 6266, section 4.1).
        let disposition = format!("inline; filename=\"{name}.{extension}\"");
        let response = Response::builder().header(CONTENT_TYPE, content_type);
        Ok(response.header(CONTENT_DISPOSITION, disposition).body(body)?)
    }
}

fn format(text: String) -> Result<Format, Invalid> {
    match text.as_str() {
        "svg" => Ok(Format::Svg),
        "png" => Ok(Format::Png),
        _ => Err(Invalid::new("unknown_word", "format must be 'svg' or 'png'")),
    }
}

/// Parses a number without sign or leading zeros: `+5` and `007` are more likely to be mistakes than numbers.
fn number(text: &str, range: RangeInclusive<u16>, rule: &str) -> Result<u16, Invalid> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let number = text.parse().ok().filter(|number| digits && range.contains(number));
    number.ok_or_else(|| Invalid::new("out_of_range", rule))
}

/// Returns the smallest QR code at error correction level M, which tolerates 15 % damage. If the text fits in a QR code
/// of the same size at a higher level, returns that QR code.
fn code_of(text: &str) -> Result<QrCode, QrError> {
    let version = encode_auto(text.as_bytes(), EcLevel::M)?.version();
    let sturdier = [EcLevel::H, EcLevel::Q].into_iter();
    let mut sturdier = sturdier.filter_map(|level| QrCode::with_version(text, version, level).ok());
    sturdier.next().map_or_else(|| QrCode::with_version(text, version, EcLevel::M), Ok)
}

/// Black on a white background, because scanners need the contrast.
fn svg(layout: &Layout) -> String {
    let size = layout.size();
    let mut path = String::new();
    for (x, y, width, height) in layout.dark_areas() {
        // Writing to a `String` cannot fail.
        let _ = write!(path, "M{x} {y}h{width}v{height}h-{width}z");
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{size}\" height=\"{size}\" viewBox=\"0 0 {size} {size}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/><path d=\"{path}\"/></svg>\n"
    )
}

fn png(layout: &Layout, size: u16) -> Result<Vec<u8>, EncodingError> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, size.into(), size.into());
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::One);
    encoder.set_compression(Compression::Balanced);
    // Images with one bit per pixel compress best without a filter (PNG specification, section 12.7).
    encoder.set_filter(Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&layout.pixels())?;
    writer.finish()?;
    Ok(file)
}
