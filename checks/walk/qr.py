"""Reads QR codes as a phone's camera does: from the pixels on the screen."""

import base64

from stack import ROOT

JSQR = ROOT / ".ci/tools/console/node_modules/jsqr/dist/jsQR.js"

DECODE = """async (picture) => {
    const image = new Image();
    image.src = picture;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    const { data, width, height } = canvas.getImageData(0, 0, image.width, image.height);
    return jsQR(data, width, height)?.data ?? null;
}"""


def text_of(browser, element):
    """Returns the text of the QR code in this element, or None if it has no QR code."""
    picture = base64.b64encode(element.screenshot()).decode()
    page = browser.new_page()
    page.add_script_tag(path=JSQR)
    text = page.evaluate(DECODE, f"data:image/png;base64,{picture}")
    page.close()
    return text
