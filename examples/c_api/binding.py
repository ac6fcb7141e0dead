"""A small binding of fairlead.h by ctypes: what another language needs to use the library. FAIRLEAD_LIBRARY names
libfairlead.so where the loader does not find it."""

import ctypes
import os
from ctypes import POINTER, byref, c_bool, c_char_p, c_double, c_int, c_int64, c_size_t, c_uint32, c_uint64, c_void_p

NULL, BOOLEAN, INTEGER, UNSIGNED, REAL, TEXT, BYTES = range(7)
REFUSED = 2


class Content(ctypes.Union):
    _fields_ = [("boolean", c_bool), ("integer", c_int64), ("unsigned_integer", c_uint64), ("real", c_double),
                ("data", c_char_p)]


class Value(ctypes.Structure):
    """fairlead_value"""
    _anonymous_ = ("content",)
    _fields_ = [("name", c_char_p), ("type", c_int), ("content", Content), ("size", c_size_t)]

    @classmethod
    def of(cls, value, name=None):
        made = cls(name=name.encode() if name else None)
        if isinstance(value, bool):
            made.type, made.boolean = BOOLEAN, value
        elif isinstance(value, int):
            made.type, made.integer = INTEGER, value
        elif isinstance(value, float):
            made.type, made.real = REAL, value
        elif value is not None:
            data = value if isinstance(value, bytes) else value.encode()
            made.type, made.data, made.size = BYTES if isinstance(value, bytes) else TEXT, data, len(data)
        return made


class Field(ctypes.Structure):
    """fairlead_field"""
    _fields_ = [("data", c_void_p), ("size", c_size_t), ("hexadecimal", c_bool)]

    def text(self):
        return ctypes.string_at(self.data, self.size).decode() if self.data else None


WORK = ctypes.CFUNCTYPE(c_void_p, c_void_p, c_void_p)  # fairlead_work
ERROR = POINTER(c_void_p)

# name -> what it returns, what it takes. Handles are plain pointers here; the classes below keep them apart.
FUNCTIONS = {
    "version": (c_char_p, []),
    "error_kind": (c_int, [c_void_p]),
    "error_message": (c_char_p, [c_void_p]),
    "error_hint": (c_char_p, [c_void_p]),
    "error_rule": (c_char_p, [c_void_p]),
    "error_sqlstate": (c_char_p, [c_void_p]),
    "error_new": (c_void_p, [c_int, c_char_p]),
    "error_free": (None, [c_void_p]),
    "open": (c_void_p, [c_char_p, c_void_p, ERROR]),
    "source_free": (None, [c_void_p]),
    "reload": (c_int, [c_void_p, ERROR]),
    "generation": (c_uint64, [c_void_p]),
    "get_tenant": (c_void_p, [c_void_p, c_char_p, c_char_p, ERROR]),
    "tenant_free": (None, [c_void_p]),
    "execute": (c_void_p, [c_void_p, c_char_p, POINTER(Value), c_size_t, ERROR]),
    "transaction_execute": (c_void_p, [c_void_p, c_char_p, POINTER(Value), c_size_t, ERROR]),
    "run_transaction": (c_int, [c_void_p, c_void_p, WORK, c_void_p, ERROR]),
    "result_rows": (c_size_t, [c_void_p]),
    "result_columns": (c_size_t, [c_void_p]),
    "result_affected": (c_uint64, [c_void_p]),
    "result_field": (c_int, [c_void_p, c_size_t, c_size_t, POINTER(Field), ERROR]),
    "result_free": (None, [c_void_p]),
    "c_interface": (c_uint32, []),
}


class FairleadError(Exception):
    """Takes what is known from a fairlead_error, and frees it."""

    def __init__(self, library, error):
        super().__init__(library.error_message(error).decode())
        self.kind = library.error_kind(error)
        self.hint = library.error_hint(error).decode()
        self.rule = library.error_rule(error).decode()
        self.sqlstate = library.error_sqlstate(error).decode()
        library.error_free(error)


class Library:
    """The functions of fairlead.h without their prefix; those that fail raise FairleadError."""

    def __init__(self, path=None):
        loaded = ctypes.CDLL(path or os.environ.get("FAIRLEAD_LIBRARY", "libfairlead.so"))
        for name, (returns, takes) in FUNCTIONS.items():
            function = getattr(loaded, f"fairlead_{name}")
            function.restype, function.argtypes = returns, takes
            setattr(self, name, self._checked(function) if takes and takes[-1] is ERROR else function)
        if self.c_interface() != 1:
            raise OSError("this binding was written for another libfairlead")

    def _checked(self, function):
        def call(*arguments):
            error = c_void_p()
            returned = function(*arguments, byref(error))
            if error.value:
                raise FairleadError(self, error)
            return returned
        return call


class Target:
    """Something that executes statements: a tenant or a transaction."""

    def __init__(self, library, handle, execute):
        self.library, self.handle, self._execute = library, handle, execute

    def execute(self, sql, **values) -> list:
        """The rows as lists of text. `values` are those of the placeholders :name."""
        given = (Value * len(values))(*(Value.of(value, name) for name, value in values.items()))
        library = self.library
        result = self._execute(self.handle, sql.encode(), given, len(values))
        try:
            return [[self._text(result, row, column) for column in range(library.result_columns(result))]
                    for row in range(library.result_rows(result))]
        finally:
            library.result_free(result)

    def _text(self, result, row, column):
        field = Field()
        self.library.result_field(result, row, column, byref(field))
        return field.text()


class Tenant(Target):
    def __init__(self, library, handle):
        super().__init__(library, handle, library.execute)

    def transaction(self, work):
        """Runs work(transaction) and commits; rolls back when it raises. What it returns is returned."""
        outcome = {}

        @WORK
        def run(transaction, _):
            try:
                outcome["value"] = work(Target(self.library, transaction, self.library.transaction_execute))
                return None
            except BaseException as failure:  # nothing may leave a C callback: it is raised again below
                outcome["failure"] = failure
                return self.library.error_new(getattr(failure, "kind", 0), str(failure).encode())

        try:
            self.library.run_transaction(self.handle, None, run, None)
        except FairleadError as failure:
            raise outcome.get("failure", failure) from None
        return outcome["value"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.library.tenant_free(self.handle)


class Source:
    """The databases and tenants of a configuration file."""

    def __init__(self, config_file, library=None):
        self.library = library or Library()
        self.handle = self.library.open(str(config_file).encode(), None)

    def tenant(self, name, database=None) -> Tenant:
        return Tenant(self.library, self.library.get_tenant(self.handle, name.encode(),
                                                            database.encode() if database else None))

    def reload(self):
        self.library.reload(self.handle)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.library.source_free(self.handle)
