"""journalctl's short and short-full forms where names of months and days are not English: `nov. 23`, `8月 02`, `dim. 2025-11-23`."""

# ruff: noqa: RUF001 - Cyrillic letters are meant

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from k3slogs.formats import _stamps
from k3slogs.formats._base import DIGITS, Envelope, Sample
from k3slogs.formats._who import who
from k3slogs.lazily import pattern

if TYPE_CHECKING:
    from k3slogs.model import Peel

_NAMES = (
    "jan jän jän jen ene gen janv janvier januari stycznia sty led oca січ янв tammi jaan sau",
    "feb fév fevr févr февр febr fev lut úno uno şub лют фев helmi veebr vas",
    "mar mär märz mars mrt maart marc márc mač bře mart бер мар maalis märts kov",
    "apr avr avril abr ápr kwi dub nis кві апр huhti bal",
    "may mai mag mei maj máj mei kvě май мая тра geg",
    "jun juin giu jún cze čer čvn haz июн чер kesä juuni bir",
    "jul juil lug júl lip čvc tem июл лип heinä juuli lie",
    "aug ago août aout sie srp ağu авг сер elo rgp",
    "sep sept сент set szept wrz zář eyl сен вер syys rgs",
    "oct okt ott out paź říj eki окт жов loka spa",
    "nov lis kas ноя нояб лис marras lap",
    "dec dez déc dic des gru pro ara дек гру joulu dets gruo",
)
_MONTHS = {name: number for number, names in enumerate(_NAMES, 1) for name in names.split()}
_SHORT = pattern(r"(?:([^\W\d_]{3,8})\.?|([0-9]{1,2})(?:月|월|\.)) +([ 0-3]?[0-9])\.? ([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{6}))? ")
_FULL = pattern(
    r"[^\W\d_]{1,8}\.? ([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?) ([A-Z]{2,5}|[+-][0-9]{2}(?:[0-9]{2})?) "
)
_ENGLISH = frozenset(_stamps.MONTHS)
_WEEKDAYS = "SMDFLJVdlmjvsWTNPC" + "日一二三四五六月火水木金土周일월화수목금토" + "ВПСЧвпсч"
"""First characters of the names of days; not `t`, with which logrus lines begin."""
_STARTS = "".join(sorted({*_WEEKDAYS, *DIGITS, *(start for name in _MONTHS for start in (name[0], name[0].upper()))} - {"t"}))


def _read(text: str) -> Peel | None:
    if (full := _FULL.match(text)) is not None:
        return None if re.match(_stamps.DAYS + " ", text) else who(text, full.end(), _stamps.zoned(full[1], full[2]))
    short = _SHORT.match(text)
    if short is None or (short[1] in _ENGLISH and text[3] != "."):
        return None
    month = _MONTHS.get(short[1].lower()) if short[1] else int(short[2])
    return who(text, short.end(), _stamps.yearless(month, int(short[3]), short[4], short[5])) if month else None


FORMAT = Envelope(
    name="journald-local",
    starts=_STARTS,
    read=_read,
    samples=(
        Sample("nov. 23 05:05:18 node-a k3s[1203]: hello", {"inner": "hello", "moment": "2000-11-23T05:05:18", "yearless": True}),
        Sample("Nov. 23 05:05:18 node-a k3s[1203]: hello", {"host": "node-a", "pid": "1203", "moment": "2000-11-23T05:05:18"}),
        Sample("8月 02 05:05:18 node-a k3s[1203]: hello", {"unit": "k3s", "moment": "2000-08-02T05:05:18"}),
        Sample("Dez 01 05:05:18.580162 node-a k3s[1203]: hello", {"moment": "2000-12-01T05:05:18.580162", "unit_s": 1e-6}),
        Sample("févr. 09 05:05:18 node-a kernel: hello", {"unit": "kernel", "moment": "2000-02-09T05:05:18"}),
        Sample("окт 31 05:05:18 node-a k3s[7]: hello", {"moment": "2000-10-31T05:05:18"}),
        Sample("dim. 2025-11-23 05:05:18 CET node-a k3s[1203]: hello", {"unit": "k3s", "moment": "2025-11-23T05:05:18+01:00"}),
        Sample("日 2025-11-23 05:05:18 JST node-a k3s[1203]: hello", {"moment": "2025-11-23T05:05:18+09:00"}),
    ),
)
