"""What `cmake --install` leaves is a package that an application can use which knows nothing else of this project."""

import os
import re
import shutil

import pytest

from support.library import BUILD, LIBRARY
from support.process import ROOT, run
from support.shop import PostgresShop

OUTSIDE = ROOT / "tests/outside"
HEADERS = [f.relative_to(ROOT / "include") for f in (ROOT / "include").rglob("*.h")]

pytestmark = pytest.mark.skipif(bool(os.environ.get("FAIRLEAD_SANITIZED")),
                                reason="an application outside is not built with a sanitizer")


def succeeds(*arguments, **options) -> str:
    result = run(arguments, timeout=300, **options)
    assert result.returncode == 0, f"{arguments}\n{result.stdout[-4000:]}\n{result.stderr[-4000:]}"
    return result.stdout


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """Where the library was installed."""
    folder = tmp_path_factory.mktemp("prefix")
    succeeds("cmake", "--install", BUILD, "--prefix", folder, "--component", "library")
    return folder


@pytest.fixture(scope="module")
def applications(prefix, tmp_path_factory):
    """The applications of tests/outside, built in a folder of their own from a copy, so that no path leads back."""
    source = tmp_path_factory.mktemp("outside") / "source"
    shutil.copytree(OUTSIDE, source)
    build = source.parent / "build"
    succeeds("cmake", "-S", source, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_BUILD_TYPE=Debug",
             "-DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF", "-DCMAKE_COMPILE_WARNING_AS_ERROR=ON")
    succeeds("cmake", "--build", build, "-j", "2")
    assert str(ROOT) not in (build / "build.ninja").read_text()
    return build


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    made = PostgresShop(tmp_path_factory.mktemp("shop"))
    yield made
    made.destroy()


def test_every_public_header_is_installed_and_nothing_else(prefix):
    installed = [f.relative_to(prefix / "include") for f in (prefix / "include").rglob("*") if f.is_file()]
    assert sorted(installed) == sorted(HEADERS)


def test_the_package_names_no_place_of_the_build(prefix):
    files = [f for suffix in ("*.cmake", "*.pc", "*.h") for f in prefix.rglob(suffix)]
    assert len(files) > 10
    assert [str(f) for f in files if str(ROOT) in f.read_text() or str(prefix) in f.read_text()] == []


def test_the_ten_lines_of_the_readme(applications, shop, tmp_path):
    """The program stands in README.md as it is built here, but for the configuration's tenant."""
    program = (OUTSIDE / "ten_lines.cpp").read_text()
    assert "".join(f"    {line}".rstrip() + "\n" for line in program.splitlines()) in (ROOT / "README.md").read_text()
    assert len([line for line in program.splitlines() if line]) <= 10

    config = shop.config.read_text().replace('id = "tenant1"', 'id = "acme"')
    (tmp_path / "fairlead.toml").write_text(config)
    shop.main.execute("INSERT INTO users VALUES ('acme', 10, 'Ten'), ('tenant2', 10, 'Hers')", "shop")
    output = succeeds(applications / "ten_lines", cwd=tmp_path, env={**os.environ, **shop.environment})
    assert output == "10 Ten\n"
    assert shop.users("acme") == []
    assert shop.users("tenant2")[-1] == (10, "Hers")


@pytest.mark.parametrize("program", ["every_header", "in_c"])
def test_errors_cross_the_border_as_what_they_are(applications, program):
    assert re.match(r"fairlead \d+\.\d+\.\d+: .*there is no such file\.toml", succeeds(applications / program), re.S)


def test_components_bring_their_libraries(applications, shop):
    output = succeeds(applications / "with_components", shop.config, "tenant2", env={**os.environ, **shop.environment})
    assert output == "Nakamura\nsome metrics\n"


def test_pkg_config_is_enough(prefix, tmp_path):
    pc = next(prefix.rglob("fairlead.pc"))
    environment = {**os.environ, "PKG_CONFIG_PATH": str(pc.parent)}
    flags = succeeds("pkg-config", "--cflags", "--libs", "fairlead", env=environment).split()
    version = succeeds("pkg-config", "--modversion", "fairlead", env=environment).strip()
    for compiler, standard, source in (("g++", "c++20", "every_header.cpp"), ("gcc", "c11", "in_c.c")):
        program = tmp_path / source.replace(".", "_")
        succeeds(compiler, f"-std={standard}", "-Wall", "-Wextra", "-Wpedantic", "-Werror", OUTSIDE / source, "-o", program, *flags)
        assert f"fairlead {version}: " in succeeds(program, env={**os.environ, "LD_LIBRARY_PATH": str(pc.parent.parent)})


def test_a_project_in_c_alone_finds_the_package(prefix, tmp_path):
    (tmp_path / "CMakeLists.txt").write_text("""cmake_minimum_required(VERSION 3.25)
project(only_c LANGUAGES C)
find_package(fairlead REQUIRED)
add_executable(in_c in_c.c)
target_link_libraries(in_c PRIVATE fairlead::dal)
""")
    shutil.copy(OUTSIDE / "in_c.c", tmp_path)
    succeeds("cmake", "-S", tmp_path, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={prefix}")
    succeeds("cmake", "--build", tmp_path / "build")
    succeeds(tmp_path / "build/in_c")


# What an application may link against; inner namespaces are not among it.
PUBLIC = re.compile(r"^(fairlead_\w+|((typeinfo|typeinfo name|vtable) for )?fairlead::(?!config::|policy::|dal::|common::).*)$")


# One for library and application: Asio's own idea of which threads run a context (cmake/install/exports.map).
SHARED_WITH_ASIO = re.compile(r"^(guard variable for )?boost::asio::detail::(call_stack|keyword_tss_ptr)<.*>::(top_|value_)$")


def exported() -> list:
    symbols = succeeds("nm", "-DC", "--defined-only", LIBRARY).splitlines()
    return [line.split(" ", 2)[2] for line in symbols]


def test_only_public_names_are_exported():
    names = exported()
    assert "fairlead_open" in names and "vtable for fairlead::StatementRefused" in names
    assert [name for name in names if not PUBLIC.match(name) and not SHARED_WITH_ASIO.match(name)] == []
    assert any(SHARED_WITH_ASIO.match(name) for name in names)


def test_every_function_of_the_c_header_is_exported():
    declared = set(re.findall(r"\b(fairlead_\w+)\(", re.sub(r"//.*", "", (ROOT / "include/fairlead.h").read_text())))
    assert len(declared) > 60
    assert declared - set(exported()) == set()
