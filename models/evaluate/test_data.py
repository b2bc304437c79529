"""Tests of the data sets: classes, outcomes, and that nothing after the day is known. They need no data."""

from __future__ import annotations

import csv
import gzip
import json
import tempfile
import unittest
from datetime import date, timedelta
from pathlib import Path

import berka
import berka_numbers
import berka_studies
import ecommerce
import ecommerce_studies
import uci
from berka import Account, Booking
from cohort import UNKNOWN
from ecommerce import Purchase
from tables import read_rows
from taxonomy_classes import classes_of


def write_table(path: Path, header: str, rows: list[str]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("\n".join([header, *rows]) + "\n")


class Berka(unittest.TestCase):
    def account(self) -> Account:
        account = Account()
        for month in range(1, 5):
            account.bookings.append(Booking(date(1994, month, 20), "cash-withdrawals", 600.0, False))
            account.bookings.append(Booking(date(1994, month, 1), "cash-deposits", 1000.0, True))
        account.close()
        return account

    def test_every_flow_has_a_class_of_the_taxonomy(self) -> None:
        classes = classes_of(berka_studies.TAXONOMY)
        self.assertEqual(len(classes), 11)
        self.assertEqual(set(berka.BY_PURPOSE.values()) | set(berka.BY_OPERATION.values()), set(classes))
        cash = {"type": "withdrawal in cash", "operation": "withdrawal in cash", "k_symbol": ""}
        self.assertEqual(berka.flow(cash), "cash-withdrawals")
        with self.assertRaises(ValueError):
            berka.flow({"type": "credit", "operation": "", "k_symbol": ""})

    def test_a_balance_is_the_sum_of_what_was_booked_before(self) -> None:
        account = self.account()
        self.assertEqual(account.balance(date(1994, 1, 1)), 0.0)
        self.assertEqual(account.balance(date(1994, 2, 1)), 400.0)
        self.assertEqual(account.balance(date(1994, 2, 2)), 1400.0)

    def test_the_liquidity_index_is_months_covered(self) -> None:
        index = berka_studies.liquidity_index(self.account())
        self.assertAlmostEqual(index, (400 + 800 + 1200) / 3 / 600)

    def test_nothing_after_the_day_is_known(self) -> None:
        account, day = self.account(), date(1994, 3, 1)

        def known() -> str:
            channels = berka_numbers.monthly_channels(account, day, 12).tolist()
            return json.dumps([berka.history("x", account, day), berka_numbers.balance_numbers(account, day), channels])

        before = known()
        account.bookings.append(Booking(day, "card-withdrawals", 9999.0, False))
        account.close()
        self.assertEqual(before, known())
        self.assertNotIn('"timestamp": "1994-03-01"', before)

    def test_a_woman_has_50_added_to_her_month(self) -> None:
        owner = berka.owner("706213")
        self.assertTrue(owner.woman)
        self.assertEqual(owner.born, date(1970, 12, 13))
        self.assertFalse(berka.owner("450204").woman)
        self.assertAlmostEqual(owner.age(date(2000, 12, 13)), 30.0, places=2)

    def folder(self, folder: str) -> Path:
        """Two loans, one of 1996 and one of 1997; the first account is in the early table, too, beside a third one."""
        path = Path(folder)
        header = "trans_id;account_id;date;type;operation;amount;balance;k_symbol;bank;account"

        def months(account: int, year: int) -> list[str]:
            return [
                f"{account}{month};{account};{year}{month:02}01;credit;credit in cash;1000.0;{1000 * month}.0;;;"
                for month in range(1, 13)
            ]

        write_table(path / berka.BEFORE_LOANS[0], header, months(1, 95) + months(1, 93))
        write_table(path / berka.BEFORE_LOANS[1], header, months(2, 96))
        early = [
            f"A000000000{account},{year}-{month:02}-01,credit,deposit,1000,0,,,"
            for account in (1, 3)
            for year, last in ((1993, 12), (1994, 4))
            for month in range(1, last + 1)
        ]
        write_table(path / berka.EARLY, "account_id,date,type,operation,amount,balance,k_symbol,bank,account", early)
        loans = ['1;1;960115;9000;12;800.00;"B"', '2;2;970115;9000;12;800.00;"A"']
        write_table(
            path / "loan.asc.gz", '"loan_id";"account_id";"date";"amount";"duration";"payments";"status"', loans
        )
        clients = ['1;"706213";1', '2;"450204";1', '3;"450204";1']
        write_table(path / "client.asc.gz", '"client_id";"birth_number";"district_id"', clients)
        owners = ['1;1;1;"OWNER"', '2;2;2;"OWNER"', '3;3;3;"OWNER"', '4;3;1;"DISPONENT"']
        write_table(path / "disp.asc.gz", '"disp_id";"client_id";"account_id";"type"', owners)
        return path

    def test_an_account_of_both_tables_is_judged_and_in_no_company(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            default = berka_studies.default_study(self.folder(folder))
            liquidity = berka_studies.liquidity_study(Path(folder))
        names = [[one.history["customer_id"] for one in some] for some in (default.customers, default.company)]
        self.assertEqual(names, [["berka-1", "berka-2"], ["berka-3"]])
        names = [[one.history["customer_id"] for one in some] for some in (liquidity.customers, liquidity.company)]
        self.assertEqual(names, [["berka-1", "berka-3"], ["berka-2"]])
        bookings = default.customers[0].history["transactions"]
        self.assertEqual(len(bookings), 24)

    def test_loans_of_1997_are_the_late_ones(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            study = berka_studies.default_study(self.folder(folder))
        self.assertEqual([customer.late for customer in study.customers], [False, True])
        self.assertEqual(study.labels(study.tasks[0]).tolist(), [1, 0])
        self.assertEqual([study.labels(one).tolist() for one in study.attributes], [[1, 0], [0, 1]])

    def test_half_a_year_before_ends_half_a_year_before(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            study = berka_studies.default_study(self.folder(folder))
        earlier = study.customers[0].earlier or {}
        self.assertEqual(earlier["as_of"], "1995-07-15")
        self.assertLess(max(one["timestamp"] for one in earlier["transactions"]), "1995-07-15")


class Ecommerce(unittest.TestCase):
    def test_every_class_of_a_category_is_in_the_taxonomy(self) -> None:
        classes = classes_of(ecommerce.TAXONOMY)
        self.assertEqual(sorted([*(name for name, _ in ecommerce.rules()), ecommerce.OTHER]), sorted(classes))

    def test_a_name_comes_before_a_pattern(self) -> None:
        expected = {
            "PET_FOOD": "pets",
            "ANIMAL_INCONTINENCE_PROTECTOR": "pets",
            "INCONTINENCE_PROTECTOR": "diapers",
            "SKIN_MOISTURIZER": "skin-care",
            "SHIRT": "clothing",
            "ABIS_BOOK": "books",
            "SOMETHING_UNHEARD_OF": "other",
        }
        self.assertEqual({category: ecommerce.kind(category) for category in expected}, expected)

    def test_collapse_looks_ahead_and_its_history_does_not(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            names = ("response_id", "order_date", "price_per_unit", "quantity", "category", "asin", "shipping_state")
            with gzip.open(Path(folder) / "purchases_29_regions.csv.gz", "wt", newline="") as file:
                rows = csv.writer(file)
                rows.writerow(names)
                for customer, ahead in (("a", 1), ("b", 30)):
                    for week in range(156):
                        day = date(2019, 1, 1) + timedelta(weeks=week)
                        rows.writerow((customer, day, "10.0", "1.0", "SHIRT", week, "VT"))
                    for week in range(ahead):
                        day = date(2022, 1, 3) + timedelta(weeks=week)
                        rows.writerow((customer, day, "10", "1", "SHIRT", week, "VT"))
                rows.writerow(("b", date(2022, 1, 3), "10", "1", "SHIRT", 0, "VT"))  # repeats a row exactly
            study = ecommerce_studies.collapse_study(Path(folder))
            purchases = ecommerce.read_purchases(Path(folder))
        self.assertEqual(study.labels(study.tasks[0]).tolist(), [1, 0])
        self.assertEqual(len(purchases["b"]), 156 + 30)
        last = study.customers[1].history["transactions"][-1]["timestamp"]
        self.assertLess(last, "2022-01-01")
        earlier = study.customers[1].earlier or {}
        self.assertEqual(earlier["as_of"], "2021-07-01")
        self.assertLess(earlier["transactions"][-1]["timestamp"], "2021-07-01")

    def test_amounts_tell_a_rise(self) -> None:
        steady = [Purchase(date(2019, 1, 1) + timedelta(days=90 * index), 10.0, "books") for index in range(9)]
        rising = [*steady[:-1], Purchase(steady[-1].day, 90.0, "books")]
        last = steady[-1].quarter
        self.assertGreater(ecommerce.amount_numbers(rising, last)[4], ecommerce.amount_numbers(steady, last)[4])

    def test_quarters_without_a_purchase_are_steps_too(self) -> None:
        purchases = [Purchase(date(2019, 1, 1), 10.0, "books"), Purchase(date(2019, 12, 1), 20.0, "pets")]
        channels = ecommerce.quarterly_channels(purchases, purchases[-1].quarter, 20)
        self.assertEqual(channels.shape, (4, len(ecommerce.CHANNELS)))
        self.assertEqual(channels[1].tolist(), [0.0] * len(ecommerce.CHANNELS))
        self.assertEqual(len(ecommerce.quarterly_channels(purchases, purchases[-1].quarter, 2)), 2)


class Uci(unittest.TestCase):
    ROW = {
        "ID": "7", "LIMIT_BAL": "100000", "SEX": "2", "EDUCATION": "1", "MARRIAGE": "3", "AGE": "45", "class": "1",
        "PAY_0": "2", "PAY_2": "0", "PAY_3": "-1", "PAY_4": "-2", "PAY_5": "0", "PAY_6": "0",
        **{f"BILL_AMT{number}": str(1000 * number) for number in range(1, 7)},
        **{f"PAY_AMT{number}": "500" for number in range(1, 7)},
    }  # fmt: skip

    def test_months_run_from_april_to_september(self) -> None:
        channels = uci.monthly_channels(self.ROW)
        self.assertEqual(channels.shape, (6, len(uci.CHANNELS)))
        self.assertEqual(channels[:, 2].tolist(), [0, 0, 0, 0, 0, 1])  # months of delay: two in September
        self.assertEqual(channels[:, 0].tolist(), [0, 0, 1, 0, 0, 0])  # unused in June
        self.assertAlmostEqual(channels[0, 5], 0.06)  # April's statement is the sixth

    def test_a_payment_is_compared_with_the_statement_before(self) -> None:
        channels = uci.monthly_channels(self.ROW)
        self.assertAlmostEqual(channels[-1, 6], 500 / 2000)

    def test_sex_age_and_marriage_are_in_no_column(self) -> None:
        other = {**self.ROW, "SEX": "1", "AGE": "22", "MARRIAGE": "1"}
        first, second = uci.client(self.ROW), uci.client(other)
        self.assertEqual((first.history, first.money), (second.history, second.money))
        self.assertEqual(first.channels.tolist(), second.channels.tolist())
        self.assertEqual([first.labels[name] for name in ("woman", "old", "household")], [1, 1, UNKNOWN])
        self.assertEqual([second.labels[name] for name in ("woman", "old", "household")], [0, 0, 1])

    def test_parts_of_the_clients_are_read_together(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            for name in ("credit_card_clients_b.csv.gz", "credit_card_clients_a.csv.gz"):
                write_table(Path(folder) / name, ",".join(self.ROW), [",".join(self.ROW.values())])
            study = uci.study(Path(folder))
        self.assertEqual(len(study.customers), 2)


class Tables(unittest.TestCase):
    def test_blanks_in_tables_are_no_values(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "table.csv.gz"
            write_table(path, "a;b", ["1; "])
            self.assertEqual(list(read_rows(path, ";")), [{"a": "1", "b": ""}])

    def test_histories_are_json(self) -> None:
        document = ecommerce.history("x", [Purchase(date(2020, 1, 1), 1.0, "books")], None)
        self.assertEqual(json.loads(json.dumps(document))["transactions"][0]["amount"], -1.0)


if __name__ == "__main__":
    unittest.main()
