"""A certificate authority of our own, made once per test session with the openssl program."""

from pathlib import Path

from support.process import run


class Certificates:
    """ca.crt, server.crt/.key (localhost, 127.0.0.1, *.db.example.com), and client certificates by common name."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                      "-subj", "/CN=fairlead test CA", "-keyout", "ca.key", "-out", "ca.crt")
        self.issue("server", "localhost", "subjectAltName=DNS:localhost,DNS:*.db.example.com,IP:127.0.0.1")
        self.issue("elsewhere", "elsewhere.example", "subjectAltName=DNS:elsewhere.example")

    def issue(self, file: str, common_name: str, extension: str = "basicConstraints=CA:FALSE", units: tuple = ()):
        """`units`: organisational units of the subject, behind the common name."""
        subject = f"/CN={common_name}" + "".join(f"/OU={unit}" for unit in units)
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                      "-subj", subject, "-keyout", f"{file}.key", "-out", f"{file}.csr")
        (self.folder / f"{file}.ext").write_text(extension + "\n")
        self._openssl("x509", "-req", "-in", f"{file}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
                      "-days", "2", "-extfile", f"{file}.ext", "-out", f"{file}.crt")
        (self.folder / f"{file}.key").chmod(0o600)

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def _openssl(self, *arguments: str):
        result = run(["openssl", *arguments], cwd=self.folder)
        assert result.returncode == 0, result.stderr
