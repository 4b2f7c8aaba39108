# cython: language_level=3, cdivision=True
"""One side of an order book as a sorted array in C: what Python's sides do, several times as fast.

It is built where there is a C compiler (``hatch_build.py``), and ``sides`` chooses. What is not on the way of a good
message (rows that no decoder made, unusual numbers, errors) is left to the functions that Python's sides use.
"""

from cpython.mem cimport PyMem_Free, PyMem_Realloc
from cpython.object cimport PyObject
from cpython.ref cimport Py_XDECREF, Py_XINCREF
from libc.math cimport INFINITY
from libc.string cimport memmove

from declconn.book.rows import Digits, Floats, as_decimal, changed, digits_of, floats_of, no_level, number

cdef extern from "Python.h":
    bint PyUnicode_CheckExact(object value)
    bint PyUnicode_IS_COMPACT_ASCII(object text)
    const unsigned char* PyUnicode_1BYTE_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    ctypedef object (*descrgetfunc)(object descriptor, object instance, PyObject* owner)
    ctypedef struct PyTypeObject:
        descrgetfunc tp_descr_get
    PyTypeObject* Py_TYPE(object value)

cdef object FLOAT_PRICE = Floats.price, FLOAT_SIZE = Floats.size
cdef object DIGITS_PRICE = Digits.price, DIGITS_SIZE = Digits.size


cdef inline object field(object row, object descriptor):
    """What ``row.price`` gives, by the descriptor that looking for the name would find; twice as fast."""
    return Py_TYPE(descriptor).tp_descr_get(descriptor, row, <PyObject*>NULL)


cdef struct Level:
    double rank  # the price times the sign: the best is the greatest
    double size  # never 0
    PyObject* row  # our reference to the venue's digits; NULL in a float side


cdef class NativeSide:
    """Levels by rank, ascending: most changes are near the best, so little of the array has to move.

    Whenever an object is made or let go of, the garbage collector or a finalizer may run, and those may read this side
    or change it. So a row is let go of last, when nothing here points to it, and no place in the array is remembered.
    """

    cdef Level* levels
    cdef Py_ssize_t count, room
    cdef unsigned long long changes
    cdef double sign, lowest

    def __cinit__(self, int sign, bint negative_prices=False):
        self.sign = sign
        self.lowest = -INFINITY if negative_prices else 0.0

    def __dealloc__(self):
        cdef Py_ssize_t at
        for at in range(self.count):
            Py_XDECREF(self.levels[at].row)
        PyMem_Free(self.levels)

    def __reduce__(self):
        return restored, (type(self), int(self.sign), self.lowest < 0, list(self))

    def __len__(self):
        return self.count

    def __iter__(self):
        cdef unsigned long long changes = self.changes
        cdef Py_ssize_t at
        for at in range(self.count - 1, -1, -1):
            yield self.row(at)
            if self.changes != changes:
                raise changed()

    @property
    def best(self):
        return self.levels[self.count - 1].rank * self.sign if self.count else None

    @property
    def best_price(self):
        return as_decimal(self.row(self.count - 1)[0]) if self.count else None

    def replace(self, rows):
        self.truncate(0)
        self.apply(sorted(self.decoded(rows), key=self.rank_of))  # so that each is put at the end

    def top(self, Py_ssize_t count):
        cdef Py_ssize_t at
        return [
            (self.levels[at].rank * self.sign, self.levels[at].size)
            for at in range(self.count - 1, self.below(count), -1) if at < self.count
        ]

    def rows(self, Py_ssize_t count):
        cdef Py_ssize_t at
        return [self.row(at) for at in range(self.count - 1, self.below(count), -1) if at < self.count]

    def truncate(self, Py_ssize_t depth):
        cdef list gone = []
        cdef Py_ssize_t at, count = self.below(depth) + 1
        self.changes += 1
        for at in range(count):
            if self.levels[at].row != NULL:
                gone.append(<object>self.levels[at].row)
        for at in range(count):
            Py_XDECREF(self.levels[at].row)  # not the last reference yet
        self.close_up(0, count)

    cdef Py_ssize_t below(self, Py_ssize_t count) noexcept:
        """Where the first level is that is not one of the ``count`` best; -1 if all are."""
        return max(self.count - max(count, 0), 0) - 1

    cdef list row(self, Py_ssize_t at):
        """The price and size of a level."""
        cdef Level* level = &self.levels[at]
        if level.row == NULL:
            return [level.rank * self.sign, level.size]
        digits = <object>level.row
        return [digits.price, digits.size]

    cdef int put(self, double price, double size, PyObject* row) except -1:
        """Set the size of a level; ``row`` is borrowed."""
        cdef double rank = price * self.sign
        cdef Py_ssize_t at = self.find(rank)
        cdef bint is_known = at < self.count and self.levels[at].rank == rank
        cdef PyObject* gone = self.levels[at].row if is_known else NULL
        if size != 0:
            if not is_known:
                self.make_way(at)
            Py_XINCREF(row)
            self.levels[at] = Level(rank, size, row)
        elif is_known:
            self.close_up(at, 1)
        Py_XDECREF(gone)
        return 0

    cdef Py_ssize_t find(self, double rank) noexcept:
        """Where the first level is that is not below this rank."""
        cdef Py_ssize_t low = 0, high = self.count, middle
        while low < high:
            middle = (low + high) >> 1
            if self.levels[middle].rank < rank:
                low = middle + 1
            else:
                high = middle
        return low

    cdef int make_way(self, Py_ssize_t at) except -1:
        """Make room for one more level."""
        cdef Py_ssize_t room = 2 * self.room + 32
        cdef Level* levels
        if self.count == self.room:
            levels = <Level*>PyMem_Realloc(self.levels, room * sizeof(Level))
            if levels == NULL:
                raise MemoryError
            self.levels, self.room = levels, room
        memmove(&self.levels[at + 1], &self.levels[at], (self.count - at) * sizeof(Level))
        self.count += 1
        return 0

    cdef void close_up(self, Py_ssize_t start, Py_ssize_t count) noexcept:
        """Leave some levels out; what to do about their rows is for the caller to know."""
        cdef Py_ssize_t end = start + count
        if count > 0:  # else there may be no array
            memmove(&self.levels[start], &self.levels[end], (self.count - end) * sizeof(Level))
            self.count -= count


def restored(side, sign, negative_prices, rows):
    """What a copy or another process makes of a side."""
    copy = side(sign, negative_prices)
    copy.replace(rows)
    return copy


cdef class NativeFloatSide(NativeSide):
    """Levels in floats."""

    def decoded(self, rows):
        return rows if not rows or type(rows[0]) is Floats else floats_of(rows, self.lowest)

    def rank_of(self, row):
        return row.price * self.sign

    def apply(self, rows):
        cdef double price, size
        for row in self.decoded(rows):
            self.changes += 1
            price, size = field(row, FLOAT_PRICE), field(row, FLOAT_SIZE)
            if not (self.lowest < price < INFINITY and 0 <= size < INFINITY):
                raise no_level([price, size], self.lowest)
            self.put(price, size, NULL)


cdef class NativeExactSide(NativeSide):
    """Levels in the venue's own digits."""

    def decoded(self, rows):
        return rows if not rows or type(rows[0]) is Digits else digits_of(rows, self.lowest)

    def rank_of(self, row):
        return self.read(row.price, row) * self.sign

    def apply(self, rows):
        cdef double price, size
        for row in self.decoded(rows):
            self.changes += 1
            price = self.read(field(row, DIGITS_PRICE), row)
            size = self.read(field(row, DIGITS_SIZE), row)
            if not (self.lowest < price < INFINITY and size >= 0):
                raise no_level([row.price, row.size], self.lowest)
            self.put(price, size, <PyObject*>row)

    cdef double read(self, object text, object row) except? -1:
        """The price or size of a row as a float."""
        cdef double found = -1
        if PyUnicode_CheckExact(text) and PyUnicode_IS_COMPACT_ASCII(text):
            found = plain_number(PyUnicode_1BYTE_DATA(text), PyUnicode_GET_LENGTH(text))
        if found >= 0:
            return found
        try:
            return number(text)
        except (TypeError, ValueError) as error:
            raise no_level([row.price, row.size], self.lowest) from error


cdef double[19] TENS = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18
]


cdef double plain_number(const unsigned char* text, Py_ssize_t length) noexcept:
    """What JSON writes with digits and a point alone; -1: something else, or more than is certainly exact here.

    Up to 2 ** 53 the digits are exact in a double, and powers of ten are up to 10 ** 22; so the quotient is rounded
    once, to the float nearest to the text (Clinger, "How to read floating point numbers accurately", 1990).
    """
    cdef unsigned long long digits = 0
    cdef Py_ssize_t at, decimals = 0
    if not 0 < length <= 19 or text[length - 1] == c"." or text[0] == c"0" and length > 1 and text[1] != c".":
        return -1
    for at in range(length):
        if c"0" <= text[at] <= c"9":
            digits = 10 * digits + text[at] - c"0"
        elif text[at] == c"." and at > 0 and decimals == 0:
            decimals = length - 1 - at
        else:
            return -1
    return digits / TENS[decimals] if digits <= 1ULL << 53 else -1
