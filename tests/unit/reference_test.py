"""scripts/check-reference.py finds what the reference of a header lacks, and nothing else."""

import importlib.util
import shutil
import subprocess

import pytest

from support.process import ROOT

SPEC = importlib.util.spec_from_file_location("check_reference", ROOT / "scripts/check-reference.py")
check_reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(check_reference)

HEADER = """
/// What is public.
namespace fairlead {
/// Kinds.
enum class kind {
    one,  ///< the first
    two,  ///< the second
};
/// A call. Errors: none. Threads: any. Lifetime: of its caller.
class Call {
public:
    /// Empty.
    Call() = default;
    ~Call();
    /// Runs it.
    void run();
    int count = 0;  ///< how often it ran
private:
    struct hidden { void operator()(); };
    union { int number_; double real_; };
};
/// How to read a T. A value.
template <typename T> struct Decoder;
/// Numbers.
template <> struct Decoder<int> {
    /// From nothing.
    static int decode();
};
/// What is thrown. A value.
class DatabaseError {};
/// No time.
class Late : public DatabaseError {};
/// Later than that.
class TooLate : public Late {};
/// The same at once.
void run_all();
}
"""
C_HEADER = """
/// \\file
/// The same for C. Errors: one. Threads: two. Lifetime: three.

/// A number.
typedef struct fairlead_value {
    int number;  ///< of it
} fairlead_value;
/// Makes one.
fairlead_value fairlead_make(void);
"""

pytestmark = pytest.mark.skipif(shutil.which("doxygen") is None, reason="doxygen is not installed")


@pytest.fixture
def lacks(tmp_path):
    def check(old="", new=""):
        assert old in HEADER + C_HEADER
        (tmp_path / "call.h").write_text(HEADER.replace(old, new))
        (tmp_path / "fairlead.h").write_text(C_HEADER.replace(old, new))
        settings = (ROOT / "docs/Doxyfile").read_text() + f"\nINPUT = {tmp_path}\nOUTPUT_DIRECTORY = {tmp_path}\nGENERATE_HTML = NO\n" \
            f"FILE_PATTERNS = *.h\nSTRIP_FROM_PATH = {tmp_path}\n"
        subprocess.run(["doxygen", "-"], input=settings.encode(), stderr=subprocess.DEVNULL, check=False)
        found = check_reference.Reference(tmp_path / "xml").lacks()
        shutil.rmtree(tmp_path / "xml")
        return found

    return check


def test_what_is_complete_lacks_nothing(lacks):
    assert lacks() == []


@pytest.mark.parametrize("documentation, owner", [
    ("  ///< the second", "fairlead::kind::two"),
    ("/// Kinds.", "fairlead::kind"),
    ("    /// Empty.", "fairlead::Call::Call"),
    ("    /// Runs it.", "fairlead::Call::run"),
    ("  ///< how often it ran", "fairlead::Call::count"),
    ("/// How to read a T. A value.", "fairlead::Decoder"),
    ("/// Numbers.", "fairlead::Decoder< int >"),
    ("    /// From nothing.", "fairlead::Decoder< int >::decode"),
    ("/// The same at once.", "fairlead::run_all"),
    ("/// No time.", "fairlead::Late"),
    ("/// Makes one.", "fairlead.h::fairlead_make"),
    ("  ///< of it", "fairlead_value::number"),
])
def test_a_name_without_documentation_is_found(lacks, documentation, owner):
    assert lacks(documentation) == [f"{owner}: no documentation"]


@pytest.mark.parametrize("word, owner", [
    ("Errors: none.", "fairlead::Call"),
    ("Threads: any.", "fairlead::Call"),
    ("Lifetime: of its caller.", "fairlead::Call"),
    (" What is thrown. A value.", None),
    ("Lifetime: three.", "fairlead.h"),
])
def test_a_type_that_does_not_tell_all_is_found(lacks, word, owner):
    found = lacks(word, " What is thrown." if owner is None else "")
    assert found == [f"{owner or 'fairlead::DatabaseError'}: does not say all of Errors, Threads, Lifetime"]
