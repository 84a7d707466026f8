"""Forms tie their labels, hints and errors to their controls."""

import re

import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation

from zestech_aftersales.ui.forms import PageRenderer


class AnyForm(forms.Form):
    default_renderer = PageRenderer

    title = forms.CharField(help_text="A few words.", widget=forms.TextInput(attrs={"class": "wide"}))
    way = forms.ChoiceField(widget=forms.RadioSelect, choices=[("m", "Mail"), ("p", "Post")], help_text="One of both.")
    kind = forms.ChoiceField(choices=[("a", "A")], required=False)
    sure = forms.BooleanField()
    key = forms.CharField(widget=forms.HiddenInput, required=False)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def test_each_control_has_its_class_and_keeps_its_own():
    text = str(AnyForm())

    assert 'class="wide form-control"' in text
    assert 'class="form-select"' in text
    assert text.count('class="form-check-input"') == 3
    assert 'type="hidden"' in text


def test_a_hint_is_announced_with_its_control():
    text = str(AnyForm())

    assert 'aria-describedby="id_title_helptext"' in text
    assert 'id="id_title_helptext"' in text
    assert '<fieldset class="field" aria-describedby="id_way_helptext"' in text


def test_an_error_stands_at_the_field_and_is_announced():
    text = str(AnyForm({}))

    assert 'aria-describedby="id_title_helptext id_title_error"' in text
    assert 'id="id_title_error"' in text
    assert "is-invalid" in text
    assert 'aria-invalid="true"' in text


def test_every_id_that_is_pointed_at_exists_once():
    for form in (AnyForm(), AnyForm({})):
        text = str(form)
        ids = re.findall(r'\bid="([^"]+)"', text)
        pointed = " ".join(re.findall(r'aria-describedby="([^"]+)"', text)).split()

        assert len(ids) == len(set(ids))
        assert set(pointed) <= set(ids)


def test_the_summary_links_to_the_first_control_of_each_field():
    form = AnyForm({})
    text = Template("{% include 'partials/_errors.html' %}").render(Context({"form": form}))

    links = re.findall(r'href="#([^"]+)"', text)
    assert links == ["id_title", "id_way_0", "id_sure"]
    assert all(f'id="{link}"' in str(form) for link in links)


def test_a_refusal_names_its_clause():
    refusal = {"detail": "The cover has ended.", "clause": "2.3.4"}
    text = Template("{% include 'partials/_errors.html' %}").render(Context({"refusal": refusal}))

    assert "The cover has ended." in text
    assert "/rules/#c-2.3.4" in text


def test_without_errors_there_is_no_summary():
    assert "problem" not in Template("{% include 'partials/_errors.html' %}").render(Context({"form": AnyForm()}))


def test_optional_is_said_in_words():
    assert str(AnyForm()).count("(optional)") == 1
