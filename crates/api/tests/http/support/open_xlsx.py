"""Opens an xlsx file with openpyxl and prints what it says as JSON: of each cell of the first sheet its type and value, the notes,
and how many formulas there are."""

import datetime
import json
import sys

import openpyxl

book = openpyxl.load_workbook(sys.argv[1])
page, notes = book.worksheets
rows = page.iter_rows()
titles = [cell.value for cell in next(rows)]


def plain(value):
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M:%S")
    return value


def value(cell):
    day = cell.number_format == "yyyy-mm-dd"
    if isinstance(cell.value, datetime.datetime) and not day:
        return cell.value.strftime("%Y-%m-%d %H:%M:%S")
    return plain(cell.value)


found = [{title: [cell.data_type, value(cell)] for title, cell in zip(titles, row)} for row in rows]
formulas = sum(cell.data_type == "f" for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
json.dump(
    {"rows": found, "notes": {row[0].value: row[1].value for row in notes.iter_rows()}, "formulas": formulas},
    sys.stdout,
)
