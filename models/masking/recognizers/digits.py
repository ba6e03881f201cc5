"""Where a number of several digits begins and ends, in patterns.

A slash joins the parts of a date or a fraction, and it divides two numbers of one line (090-…／03-…):
only a part of one, two or four digits beside it makes it a date.
"""

NUMBER_BEGINS = (
    r"(?<![0-9A-Za-z])(?<![0-9][\-.,])(?<![^0-9 \-][0-9]/)(?<![^0-9 \-][0-9]{2}/)(?<![^0-9 \-][0-9]{4}/)"
)
"""No digit, letter or part of a number left of here."""

NUMBER_ENDS = r"(?![0-9A-Za-z])(?![\-.,][0-9])(?!/[0-9]{1,4}(?![0-9 \-]))"
"""No digit, letter or part of a number right of here."""
