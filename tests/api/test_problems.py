"""Every way of saying no has one face."""

from __future__ import annotations

import json

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from tests.api.bodies import an_offer
from tests.api.test_appointments import refused
from tests.factories.api import Caller
from zestech_aftersales.api.problems import field_errors
from zestech_aftersales.api.views.appointments import AppointmentView

pytestmark = pytest.mark.django_db


def sent(caller: Caller, path: str, body: object, content_type: str = "application/json", **headers: str):
    return Client().post(path, body, content_type=content_type, headers=caller.headers | headers)


def test_no_json(appointment, seller):
    path = f"/api/v1/appointments/{appointment.pk}/refuse/"
    refused(sent(seller, path, '{"reason": '), 400, "parse_error")
    refused(sent(seller, path, '{"reason": NaN}'), 400, "parse_error")
    refused(sent(seller, path, "<a/>", "application/xml"), 415, "unsupported_media_type")
    refused(sent(seller, path, "[]"), 400, "invalid")
    refused(sent(seller, path, '{"reason": "\\u0000"}'), 400, "invalid")
    refused(sent(seller, path, '{"reason": "\\ud800"}'), 400, "invalid")


def test_too_much(appointment, seller, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    path = f"/api/v1/appointments/{appointment.pk}/refuse/"
    refused(sent(seller, path, json.dumps({"reason": "x" * 100})), 413, "body_too_large")


def test_the_wrong_verb_and_the_wrong_answer(appointment, seller):
    path = f"/api/v1/appointments/{appointment.pk}/"
    refused(Client().delete(path, headers=seller.headers), 405, "method_not_allowed")
    refused(Client().options(path, headers=seller.headers), 405, "method_not_allowed")
    refused(Client().get(path, headers=seller.headers | {"Accept": "application/xml"}), 406, "not_acceptable")


def test_no_such_address(client):
    problem = refused(client.get("/api/v1/nothing/"), 404, "not_found")
    assert problem["instance"] == "/api/v1/nothing/"
    refused(client.post("/api/v1/nothing"), 404, "not_found")


def test_a_forgotten_slash_is_led_on(seller):
    answer = Client().post("/api/v1/appointments/7/offer?x=1", {}, content_type="application/json")
    assert (answer.status_code, answer["Location"]) == (308, "/api/v1/appointments/7/offer/?x=1")


def test_our_own_fault(appointment, seller, monkeypatch):
    def broken(*_args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(AppointmentView, "index", broken)
    client = Client(raise_request_exception=False)
    refused(client.get("/api/v1/appointments/", headers=seller.headers), 500, "server_error")


def test_a_client_that_asks_too_often_waits(frozen, appointment, seller, buyer, monkeypatch):
    cache.clear()
    monkeypatch.setattr(settings, "API_REQUESTS_PER_MINUTE", 2)
    assert [seller.get("cases/").status_code for _ in range(2)] == [200, 200]
    answer = seller.get("cases/")
    refused(answer, 429, "throttled")
    assert answer["Retry-After"] == "30"  # R0 is half a minute past the minute
    assert buyer.get("cases/").status_code == 200
    frozen.move_to("2026-03-02T01:16:00Z")
    assert seller.get("cases/").status_code == 200
    cache.clear()


def test_a_rule_is_told_in_the_callers_language(appointment, seller):
    path = f"/api/v1/appointments/{appointment.pk}/offer/"
    told = refused(sent(seller, path, json.dumps(an_offer(windows=[]))), 422, "offer_incomplete", "2.3.1")
    assert told["type"] == f"{settings.BASE_URL}/rules/#c-2.3.1"
    assert told["title"] == "Door visits: answer and confirm in time"
    assert told["instance"] == path
    assert told["context"] == {"missing": ["windows"]}


def test_a_field_called_message_is_no_error_itself():
    details = {"message": [{"message": "No.", "code": "x"}], "code": {"a/b": [{"message": "No.", "code": "y"}]}}
    assert [error["pointer"] for error in field_errors(details, "pointer")] == ["#/message", "#/code/a~1b"]
