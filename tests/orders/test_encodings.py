from __future__ import annotations

import pytest

from orders.encodings import marked_encoding, one_byte_encoding

TEXTS = {
    "hungarian": ("cp1250", "Árvíztűrő tükörfúrógép; Kovács Erzsébet, Győr, Széchenyi út 4.; előfizetés"),
    "polish": ("cp1250", "Zażółć gęślą jaźń; Łukasz Wiśniewski, Łódź, ulica Piękna; zamówienie"),
    "czech": ("cp1250", "Příliš žluťoučký kůň úpěl; Jiří Dvořák, Plzeň, Náměstí Míru; objednávka"),
    "russian": ("cp1251", "Съешь же ещё этих мягких французских булок; Иванов Пётр, Москва; заказ"),
    "ukrainian": ("cp1251", "Щасливі їжаки; Шевченко Олена, Київ, вулиця Лесі Українки; замовлення"),
    "german": ("cp1252", "Fußgänger überqueren die Straße; Müller, Köln; Bestellung für Jürgen"),
    "french": ("cp1252", "Élève à l'école; François Lefèvre, Besançon; commande livrée, reçue hier"),
    "portuguese": ("cp1252", "Não há opções; João Conceição, São Paulo; coração e informações, promoções"),
    "spanish": ("cp1252", "El niño comió piñas; José Muñoz, Málaga; ¿dónde está? teléfono, dirección"),
    "swedish": ("cp1252", "Räksmörgås på ön; Åsa Sjöberg, Örebro; beställning från Malmö"),
}


@pytest.mark.parametrize("language", TEXTS)
def test_one_byte_encoding_by_its_languages(language: str) -> None:
    encoding, text = TEXTS[language]
    sample = text.encode(encoding)
    assert sample.decode(one_byte_encoding(sample)) == text


def test_signs_alone_are_western() -> None:
    assert one_byte_encoding("£9.99".encode("latin-1")) == "cp1252"


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        (b"\xef\xbb\xbfName,Total", "utf-8-sig"),
        ("Name,Total".encode("utf-16"), "utf-16"),
        ("Name,Total".encode("utf-16-le"), "utf-16-le"),
        ("Name,Total".encode("utf-16-be"), "utf-16-be"),
        (b"Name,Total", ""),
    ],
)
def test_encoding_that_the_first_bytes_prove(head: bytes, encoding: str) -> None:
    assert marked_encoding(head) == encoding
