"""Code that asks ICU, through Qt, what Qt asks of it: words in which languages differ are sorted and capitalised."""

QUESTIONS = """
import json
from PySide6.QtCore import QCollator, QDateTime, QLocale, QTimeZone
words = ["Zürich", "zebra", "Öl", "ol", "ära", "ara", "ñu", "nz", "ch", "cz", "ll", "lz", "Ístanbul", "istanbul", "İ", "ı", "i",
         "画像", "写真", "像", "그림", "사진", "фото", "ёж", "еж", "ж", "إ", "ا", "日本", "бал", "a10", "a9", "å", "z"]
found = {}
for name in ("C", "en_US", "de_DE", "sv_SE", "es_ES", "cs_CZ", "tr_TR", "lt_LT", "zh_CN", "zh_TW", "ja_JP", "ko_KR", "ru_RU",
             "ar_EG", "fa_IR", "da_DK", "hu_HU", "vi_VN", "th_TH", "hi_IN", "xx_XX"):
    locale = QLocale(name)
    plain, natural = QCollator(locale), QCollator(locale)
    natural.setNumericMode(True)
    found[name] = [sorted(words, key=collator.sortKey) for collator in (plain, natural)]
    found[name] += [[locale.toUpper(word) for word in words], [locale.toLower(word) for word in words]]
    found[name] += [locale.toString(1234567.891), locale.nativeLanguageName(), [locale.monthName(n) for n in range(1, 13)]]
zone = QTimeZone(b"Europe/Berlin")
found["zone"] = [zone.isValid(), zone.standardTimeOffset(QDateTime.fromSecsSinceEpoch(0))]
"""
