"""The File Cabinet: one text a name and folder; saving the same name again overwrites."""

from typing import Final

from lago_ns_cli.simulator.netsuite.books import Books
from lago_ns_cli.simulator.netsuite.errors import NetSuiteError, invalid_reference, missing_values
from lago_ns_cli.simulator.netsuite.permissions import require_permission
from lago_ns_cli.simulator.netsuite.values import Role

_LARGEST_FILE: Final = 10 * 1024 * 1024
_FIRST_ID: Final = 7001
_TYPES = {"json": "JSON", "js": "JAVASCRIPT", "csv": "CSV", "txt": "PLAINTEXT", "xml": "XMLDOC"}


class FileCabinet:
    """Saves and loads files under the caller's role."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def save(self, name: str, folder: str, contents: str, role: Role) -> str:
        """Store a file and return its internal id.

        Raises:
            NetSuiteError: INVALID_KEY_OR_REF for an unknown folder, SSS_FILE_CONTENT_SIZE_EXCEEDED above 10 MB,
                INSUFFICIENT_PERMISSION.
        """
        require_permission(role, "file", "CREATE")
        if not name:
            raise missing_values(["File Name"])
        if self._books.store.one("SELECT 1 FROM mediaitemfolder WHERE id = ?", (folder,)) is None:
            raise invalid_reference("folder", folder)
        size = len(contents.encode())
        if size > _LARGEST_FILE:
            raise NetSuiteError("SSS_FILE_CONTENT_SIZE_EXCEEDED", f"The file {name} is larger than 10 MB.")
        with self._books.store.transaction():
            return self._write(name, folder, contents, size)

    def load(self, id_or_path: str, role: Role) -> str:
        """The contents of a file, by internal id or by path such as ``SuiteScripts/Lago/x.json``.

        Raises:
            NetSuiteError: RCRD_DSNT_EXIST, INSUFFICIENT_PERMISSION.
        """
        require_permission(role, "file", "VIEW")
        file_id = id_or_path if id_or_path.isdigit() else self._find(id_or_path)
        row = self._books.store.one("SELECT contents FROM _file_contents WHERE id = ?", (file_id,))
        if row is None:
            raise NetSuiteError("RCRD_DSNT_EXIST", "That record does not exist.")
        return str(row[0])

    def _write(self, name: str, folder: str, contents: str, size: int) -> str:
        store, now = self._books.store, self._books.timestamp()
        existing = store.one("SELECT id, createddate FROM file WHERE folder = ? AND name = ?", (folder, name))
        file_id, created = existing or (store.next_in("file", first=_FIRST_ID), now)
        store.put(
            "file",
            {
                "id": file_id,
                "name": name,
                "folder": folder,
                "filetype": _TYPES.get(name.rpartition(".")[2].lower(), "MISCBINARY"),
                "filesize": size,
                "url": f"/core/media/media.nl?id={file_id}",
                "createddate": created,
                "lastmodifieddate": now,
            },
        )
        store.put("_file_contents", {"id": file_id, "contents": contents})
        return str(file_id)

    def _find(self, path: str) -> int:
        folder_path, _, name = path.strip("/").rpartition("/")
        for key, folder_id in self._paths().items():
            if key == folder_path:
                row = self._books.store.one(
                    "SELECT id FROM file WHERE folder = ? AND name = ?", (folder_id, name)
                )
                return int(row[0]) if row else 0
        return 0

    def _paths(self) -> dict[str, int]:
        folders = {
            key: (name, parent)
            for key, name, parent in self._books.store.rows("SELECT id, name, parent FROM mediaitemfolder")
        }

        def path_of(key: int) -> str:
            name, parent = folders[key]
            return f"{path_of(parent)}/{name}" if parent in folders else name

        return {path_of(key): key for key in folders}
