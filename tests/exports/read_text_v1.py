"""Reads a text v1 export from standard input and prints it as the answer's JSON.

Written from docs/answer.md with Python's standard library alone; shares no code with the core. Exits 1 with a
reason for anything that the page does not describe.
"""

import datetime
import json
import re
import sys

FIRST_YEAR = {"明治": 1868, "大正": 1912, "昭和": 1926, "平成": 1989, "令和": 2019}
SEX = {"男": "1", "女": "2", "未設定": "3"}
CARD = {
    "被保険者証（一般）": "01",
    "被保険者証（退職）": "02",
    "短期被保険者証（一般）": "03",
    "短期被保険者証（退職）": "04",
    "特別療養費": "05",
    "特例退職被保険者証": "06",
    "自衛官診療証": "07",
    "医療扶助": "A1",
}
LOSS = {"死亡": "01", "生活保護受給開始": "02", "医療保険等の資格取得": "03", "その他": "99"}
VALIDITY = {"有効": "1", "無効": "2", "無効（新しい資格あり）": "3", "該当資格なし": "4", "複数該当": "5", "有効（未登録）": "6"}


def same(value):
    return value


def day(value):
    era, year, month, date = re.fullmatch(r"(\D\D)(\d+)年(\d+)月(\d+)日", value).groups()
    return datetime.date(FIRST_YEAR[era] + int(year) - 1, int(month), int(date)).isoformat()


def ratio(value):
    if value.endswith("割"):
        return f"{int(value[:-1]) * 10:03}"
    return f"{int(value.removesuffix('%')):03}"


def clock(value):
    tokyo = datetime.timezone(datetime.timedelta(hours=9))
    return int(datetime.datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=tokyo).timestamp())


# (section, label) -> (where it goes, name, how it is read)
FACE, BACK, ELDERLY, CHECK = "資格情報", "裏面記載情報", "高齢受給者証", "確認結果"
FIELDS = {
    (FACE, "確認日 : "): ("header", "QualificationConfirmationDate", day),
    (FACE, "保険者番号"): ("one", "InsurerNumber", same),
    (FACE, "保険者名"): ("one", "InsurerName", same),
    (FACE, "記号"): ("one", "InsuredCardSymbol", same),
    (FACE, "番号"): ("one", "InsuredIdentificationNumber", same),
    (FACE, "枝番"): ("one", "InsuredBranchNumber", same),
    (FACE, "フリガナ"): ("one", "NameKana", same),
    (FACE, "氏名"): ("one", "Name", same),
    (FACE, "生年月日"): ("one", "Birthdate", day),
    (FACE, "性別"): ("one", "Sex1", SEX.__getitem__),
    (FACE, "郵便番号"): ("one", "PostNumber", same),
    (FACE, "住所"): ("one", "Address", same),
    (FACE, "証区分"): ("one", "InsuredCardClassification", CARD.__getitem__),
    (FACE, "有効開始日"): ("one", "InsuredCardValidDate", day),
    (FACE, "有効終了日"): ("one", "InsuredCardExpirationDate", day),
    (FACE, "資格取得年月日"): ("one", "QualificationDate", day),
    (FACE, "負担割合"): ("one", "InsuredPartialContributionRatio", ratio),
    (FACE, "本人・家族の別"): ("one", "PersonalFamilyClassification", {"本人": "1", "家族": "2"}.__getitem__),
    (FACE, "被保険者氏名"): ("one", "InsuredName", same),
    (FACE, "未就学区分"): ("one", "PreschoolClassification", {"義務教育就学前": "1"}.__getitem__),
    (BACK, "氏名"): ("one", "NameOfOther", same),
    (BACK, "氏名カナ"): ("one", "NameOfOtherKana", same),
    (BACK, "性別"): ("one", "Sex2", SEX.__getitem__),
    (ELDERLY, "交付年月日"): ("elderly", "ElderlyRecipientCertificateDate", day),
    (ELDERLY, "有効開始日"): ("elderly", "ElderlyRecipientValidStartDate", day),
    (ELDERLY, "有効終了日"): ("elderly", "ElderlyRecipientValidEndDate", day),
    (ELDERLY, "負担割合"): ("elderly", "ElderlyRecipientContributionRatio", ratio),
    (CHECK, "資格有効性"): ("body", "QualificationValidity", VALIDITY.__getitem__),
    (CHECK, "結果コード"): ("top", "code", same),
    (CHECK, "確認方法"): ("top", "mode", {"暗証番号": "pin"}.__getitem__),
    (CHECK, "処理実行日時"): ("header", "ProcessExecutionTime", clock),
    (CHECK, "医療機関コード"): ("header", "MedicalInstitutionCode", same),
    (CHECK, "電子証明書有効終了日"): ("top", "certificate_ends", day),
    (CHECK, "証交付年月日"): ("one", "InsuredCertificateIssuanceDate", day),
    (CHECK, "資格喪失年月日"): ("one", "DisqualificationDate", day),
    (CHECK, "資格喪失事由"): ("one", "ReasonOfLoss", LOSS.__getitem__),
    (CHECK, "形式"): ("version", "format", same),
}


def read(text):
    if not text.endswith("\r\n"):
        sys.exit("the last line does not end in CRLF")
    lines = text[: -len("\r\n")].split("\r\n")
    parts = {name: {} for name in ("top", "header", "body", "one", "elderly", "version")}
    parts["top"]["phase"] = "live"
    if lines[0] == "運用テスト（参考情報）":
        parts["top"]["phase"] = "test"
        lines.pop(0)
    if not lines[0].startswith("資格情報"):
        sys.exit("the first line is not 資格情報")
    section = None
    for line in lines:
        if "\t" not in line:
            section = line.removesuffix("(医療扶助)")
            continue
        label, value = line.split("\t")
        where, name, convert = FIELDS[section, label]
        if value:
            if name in parts[where]:
                sys.exit(f"{label} stands twice in {section}")
            parts[where][name] = convert(value)
    if parts["version"] != {"format": "shikaku-text/1"}:
        sys.exit("not shikaku-text/1")
    if parts["elderly"]:
        parts["one"]["ElderlyRecipientCertificateInfo"] = parts["elderly"]
    header = parts["header"] | {"ReferenceClassification": "1", "SegmentOfResult": "1"}
    body = parts["body"] | {"ProcessingResultStatus": "1", "ResultList": [parts["one"]]}
    return {"format": "shikaku-answer/1"} | parts["top"] | {"MessageHeader": header, "MessageBody": body}


if __name__ == "__main__":
    print(json.dumps(read(sys.stdin.buffer.read().decode("utf-8")), ensure_ascii=False))
