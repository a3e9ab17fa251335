import sys
sys.argv=["x"]
from console import *
def f(walk):
    from walk.browse import NARROW
    with walk.profile("member", viewport=NARROW, has_touch=True, is_mobile=True) as profile:
        page = profile.tab("/")
        page.wait_for_timeout(1500)
        print(page.locator("button").evaluate_all("bs => bs.map(b => [b.textContent, b.checkVisibility(), b.getBoundingClientRect().height, getComputedStyle(b.parentElement).display, b.parentElement.hidden])"))
        print(page.get_by_role("button", name="New link").count())
import console
console.SCENES=[f]; console.DEMO_SCENES=[]
main()
