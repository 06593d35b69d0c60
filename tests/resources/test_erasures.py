from routy.clicks.erasing import erase_once
from tests.house import House

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile/15E148 Safari/604.1"


def erase(house: House, subject: str) -> dict[str, object]:
    made = house.call("POST", "/erasures", {"subject": subject})
    assert (made.status, made.data["status"], made.data["clicks"]) == (201, "pending", None)
    app = house.app
    while erase_once(app.clicks, app.records, app.loader.touched, house.now):
        pass
    return dict(house.call("GET", f"/erasures/{made.data['id']}").data)


def clicks(house: House) -> int:
    return len(house.call("GET", "/clicks").data)


def test_a_visitors_day_is_erased_by_any_click_of_it(house: House) -> None:
    house.link("summer")
    for agent in (IPHONE, "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", IPHONE):
        house.now += 10_000
        house.ask("GET", "/summer", headers={"User-Agent": agent})
    house.load()
    click = house.call("GET", "/clicks", device="mobile").data[0]
    done = erase(house, click["id"])
    assert (done["status"], done["clicks"], clicks(house)) == ("done", 2, 1)
    assert house.call("GET", "/reports", metrics="clicks,uniques").data["totals"] == {"clicks": 1, "uniques": 1}


def test_a_links_clicks_are_erased_and_the_link_stays(house: House) -> None:
    link = house.link("summer")
    house.ask("GET", "/summer")
    house.load()
    assert erase(house, link["id"])["clicks"] == 1
    assert (clicks(house), house.ask("GET", "/summer").status) == (0, 302)


def test_a_stranger_erases_nothing_of_ours(house: House) -> None:
    link = house.link("summer")
    house.ask("GET", "/summer")
    house.load()
    click = house.call("GET", "/clicks").data[0]
    refused = house.call("POST", "/erasures", {"subject": link["id"]}, as_=house.stranger)
    assert (refused.status, refused.fields) == (400, {"subject"})
    made = house.call("POST", "/erasures", {"subject": click["id"]}, as_=house.stranger)
    assert made.status == 201
    app = house.app
    erase_once(app.clicks, app.records, app.loader.touched, house.now)
    assert house.call("GET", f"/erasures/{made.data['id']}", as_=house.stranger).data["clicks"] == 0
    assert clicks(house) == 1


def test_one_that_was_deleted_in_time_is_not_done(house: House) -> None:
    link = house.link("summer")
    house.ask("GET", "/summer")
    house.load()
    made = house.call("POST", "/erasures", {"subject": link["id"]}).data
    house.call("DELETE", f"/erasures/{made['id']}")
    app = house.app
    assert erase_once(app.clicks, app.records, app.loader.touched, house.now) is False
    assert clicks(house) == 1
