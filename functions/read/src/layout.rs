//! QR codes are drawn by our own code, because no renderer draws an image of a given size whose modules are whole
//! pixels. The crate `png` encodes the image at one bit per pixel, and adds 58 kB to the zipped bootstrap.

use qrcode::{Color, QrCode};
use std::iter::repeat_n;

/// The layout of a QR code in a square image. Each module is a whole number of pixels, and the remaining pixels are
/// distributed evenly over the margin.
pub struct Layout {
    /// The colors of the modules, row by row.
    colors: Vec<Color>,
    /// The number of modules per row.
    modules: usize,
    /// The width of a module in pixels.
    module: usize,
    /// The margin at the left and upper edge in pixels.
    offset: usize,
    /// The width of the image in pixels.
    size: usize,
}

impl Layout {
    /// Lays out a code in an image of `size` pixels, with a margin of at least `margin` modules.
    ///
    /// # Errors
    /// A module would be smaller than a pixel. The error contains the minimum size.
    pub fn new(code: &QrCode, size: usize, margin: usize) -> Result<Self, usize> {
        let modules = code.width();
        let least = modules + 2 * margin;
        let module = size / least;
        if module == 0 {
            return Err(least);
        }
        let offset = (size - modules * module) / 2;
        Ok(Self { colors: code.to_colors(), modules, module, offset, size })
    }

    /// Returns the width of the image in pixels.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Returns the left edge, upper edge, width and height of each dark area, in pixels. Adjacent dark modules in a row form
    /// one area.
    pub fn dark_areas(&self) -> impl Iterator<Item = (usize, usize, usize, usize)> {
        let place = |module: usize| self.offset + module * self.module;
        self.colors.chunks(self.modules).enumerate().flat_map(move |(y, row)| {
            let runs = row.chunk_by(|left, right| left == right).scan(0, |end, run| {
                let start = *end;
                *end += run.len();
                Some((start, run))
            });
            let dark = runs.filter(|(_, run)| run.first() == Some(&Color::Dark));
            dark.map(move |(x, run)| (place(x), place(y), run.len() * self.module, self.module))
        })
    }

    /// Returns the image as PNG rows with one bit per pixel: 1 is white, and each row is padded to a whole byte.
    pub fn pixels(&self) -> Vec<u8> {
        let stride = self.size.div_ceil(8);
        let mut pixels = vec![u8::MAX; self.offset * stride];
        for row in self.colors.chunks(self.modules) {
            let line = self.line(row, stride);
            pixels.extend(repeat_n(line, self.module).flatten());
        }
        pixels.resize(self.size * stride, u8::MAX);
        pixels
    }

    fn line(&self, row: &[Color], stride: usize) -> Vec<u8> {
        let mut line = vec![u8::MAX; stride];
        for (x, _) in row.iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
            let start = self.offset + x * self.module;
            for pixel in start..start + self.module {
                if let Some(byte) = line.get_mut(pixel / 8) {
                    *byte &= !(0x80 >> (pixel % 8));
                }
            }
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use qrcode::{EcLevel, Version};

    #[test]
    fn a_size_with_less_than_a_pixel_per_module_is_refused_with_the_least_that_has_one() {
        let code = QrCode::with_version("x", Version::Normal(40), EcLevel::M).unwrap();
        let least = code.width() + 2 * 16;
        assert_eq!(Layout::new(&code, least - 1, 16).err(), Some(least));
        assert!(Layout::new(&code, least, 16).is_ok());
    }
}
