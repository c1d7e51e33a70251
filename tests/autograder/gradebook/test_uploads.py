"""The names that learning platforms give to uploads."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterator
from pathlib import PurePath

import pytest

from autograder.gradebook.uploads import claim_in, id_in_roster, match_student, match_uploader, read_name

ZIP = "service_ada_20261125T200000Z.zip"
ROSTER = [("lovelaceada", "Ada", "Lovelace"), ("ämilie", "Ämilie", "du Châtelet"), ("k1", "Ada", "King")]


@pytest.mark.parametrize(
    ("path", "uploader"),
    [
        (ZIP, None),
        (f"Ada Lovelace_123_assignsubmission_file_/{ZIP}", "Ada Lovelace"),
        (f"Ada Lovelace_123_assignsubmission_file_{ZIP}", "Ada Lovelace"),
        (f"lovelaceada_987_654_{ZIP}", "lovelaceada"),
        (f"lovelaceada_LATE_987_654_{ZIP}", "lovelaceada"),
        (f"Lovelace, Ada(lovelaceada)/Submission attachment(s)/{ZIP}", "lovelaceada"),
        (f"123-456 - Ada Lovelace - Nov 25, 2026 1017 AM - {ZIP}", "Ada Lovelace"),
        (f"123-456 - Ada Lovelace- Sept 25, 2026 1017 AM/{ZIP}", "Ada Lovelace"),
        (f"müllerjörg_LATE_987_654_{ZIP}", "müllerjörg"),
        (f"Week 1_lovelaceada_attempt_2026-11-25-20-00-00_{ZIP}", "lovelaceada"),
        (f"CS101-service-7/Ada Lovelace_123_assignsubmission_file_/{ZIP}", "Ada Lovelace"),
        (f"CS101/all of it/Ada Lovelace_123_assignsubmission_file_{ZIP}", "Ada Lovelace"),
        (f"downloads/lovelaceada_987_654_{ZIP}", "lovelaceada"),
        (f"mu\u0308llerjo\u0308rg_987_654_{ZIP}", "m\u00fcllerj\u00f6rg"),
        (f"x\u0323\u0307ada_987_654_{ZIP}", unicodedata.normalize("NFC", "x\u0323\u0307ada")),
    ],
)
def test_who_uploaded_it_and_what_it_claims(path: str, uploader: str | None) -> None:
    """Moodle, Canvas, Sakai, Brightspace, Blackboard, or none of them."""
    upload = read_name(PurePath(path), "service")
    assert upload.uploader == uploader
    assert (upload.claimed_student, upload.claimed_time) == ("ada", "20261125T200000Z")


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("service_ada_20261125T200000Z", "ada"),
        ("service_a_b@c.d_20261125T200000Z", "a_b@c.d"),
        ("service_ada+x@uni.edu_20261125T200000Z", "ada+x@uni.edu"),
        ("service_Ada Lovelace_20261125T200000Z (1)", "Ada Lovelace"),
        ("dockerfile_ada_20261125T200000Z", None),
        ("service__20261125T200000Z", None),
        ("service_ada_yesterday", None),
    ],
)
def test_a_zip_claims_a_student(name: str, student: str | None) -> None:
    """Ids as hubs have them; another assignment's zip, or none, claims nobody."""
    assert read_name(PurePath(f"{name}.zip"), "service").claimed_student == student


@pytest.fixture
def in_berlin() -> Iterator[None]:
    """Berlin's time zone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_berlin")
def test_the_time_is_the_platforms_where_it_has_one() -> None:
    """In the course's time zone; a claim in the zip's name does not replace it, and nonsense is no time."""
    names = (
        f"123-456 - Ada Lovelace - Nov 5, 2026 917 PM - {ZIP}",
        f"123-456 - Ada Lovelace - Sept 5, 2026 917 PM - {ZIP}",
        f"Week 1_ada_attempt_2026-11-25-20-00-00_{ZIP}",
    )
    assert [read_name(PurePath(name), "service").uploaded_at for name in names] == [
        "20261105T201700Z",
        "20260905T191700Z",
        "20261125T190000Z",
    ]
    assert read_name(PurePath(f"W_ada_attempt_2026-13-45-20-00-00_{ZIP}"), "service").uploaded_at is None
    assert read_name(PurePath(f"W_ada_attempt_0001-01-02-20-00-00_{ZIP}"), "service").uploaded_at is None
    assert read_name(PurePath(f"Ada_1_assignsubmission_file_{ZIP}"), "service").uploaded_at is None


def test_a_name_matches_one_student_of_the_roster() -> None:
    """Case, accents and the order of names don't count; a name that fits two students fits none."""
    assert match_student("lovelace, ADA", ROSTER) == "lovelaceada"
    assert match_student("Amilie du Chatelet", ROSTER) == "ämilie"
    assert match_student("K1", ROSTER) == "k1"
    assert match_student("Ada", ROSTER) is None
    assert match_student("Ada King", [*ROSTER, ("k2", "Ada", "King")]) is None


def test_the_exact_id_or_name_comes_first() -> None:
    """Two students differ in case, in an accent or in an underscore only; a name that fits both otherwise fits none."""
    roster = [
        ("ada", "Ada", "Lovelace"),
        ("Ada", "Adam", "A"),
        ("ab", "A", "B"),
        ("a_b", "Al", "B"),
        ("m", "Bj\u00f6rn", "K"),
    ]
    assert [match_student(name, roster) for name in ("ada", "Ada", "ab", "a_b", "ADA")] == [
        "ada",
        "Ada",
        "ab",
        "a_b",
        None,
    ]
    assert match_student("Bjorn K", [*roster, ("n", "Bjorn", "K")]) == "n"
    assert match_student("Bjo\u0308rn K", [*roster, ("n", "Bjorn", "K")]) == "m"
    assert match_student("", [("", "", "")]) is None


def test_a_claim_in_another_form_of_unicode_is_the_student_of_the_roster() -> None:
    """macOS writes a letter and its accent as two characters; another spelling stays another student."""
    upload = read_name(PurePath("service_mu\u0308ll_20261125T200000Z.zip"), "service")
    assert upload.claimed_student == "m\u00fcll"
    for known in ("m\u00fcll", "mu\u0308ll"):
        assert id_in_roster("m\u00fcll", [("x", "", ""), (known, "", "")]) == known
    assert id_in_roster("mull", [("m\u00fcll", "", "")]) == "mull"


def test_the_students_own_name_of_a_file_has_its_folders() -> None:
    """Files of one upload lie together as they did before; the name of a zip is read without folders."""
    upload = read_name(PurePath(f"c/Ada_1_assignsubmission_file_/app/{ZIP}"), "service")
    assert (upload.file, upload.claimed_student) == (f"app/{ZIP}", "ada")
    assert read_name(PurePath(f"c/{ZIP}"), "service").file == ZIP


def test_an_id_may_have_underscores() -> None:
    """Blackboard separates by them, and so may the assignment's own name."""
    roster = [*ROSTER, ("ada_l", "Ada", "L"), ("l", "Lea", "L")]
    upload = read_name(PurePath("Week_1_ada_l_attempt_2026-11-25-20-00-00_a.zip"), "service")
    assert match_uploader(upload, roster) == "ada_l"
    unknown = read_name(PurePath("Week 1_nobody_attempt_2026-11-25-20-00-00_a.zip"), "service")
    assert match_uploader(unknown, roster) is None


#: Mallory's uploads, by every platform's name: the file's own name is another platform's for an upload of Bob's.
SPOOFED = [
    "{}_123_456_x_bob_1_file_service_bob_20990101T000000Z.zip",
    "{}_123_456_bob_attempt_2099-01-01-00-00-00_service.ipynb",
    "{}_late_123_456_1-2 - bob - Jan 2, 2099 917 AM - service.zip",
    "Moss, Mallory({})/Submission attachment(s)/x_bob_1_file_service.zip",
    "Lab (1)/Moss (Mal), Mallory({})/Submission attachment(s)/bob_1_2_service.zip",
    "1-2 - {} - Jan 2, 2026 917 AM - x_bob_1_file_service.zip",
    "1-2 - {} - Jan 2, 2026 917 AM/3-4 - bob - Jan 2, 2099 917 AM - service.zip",
    "Lab_{}_attempt_2026-01-02-09-17-00_x_bob_1_file_service.zip",
    "Lab_{}_attempt_2026-01-02-09-17-00_bob_attempt_2099-01-01-00-00-00_service.zip",
    "{}_9_assignsubmission_file_bob_attempt_2099-01-01-00-00-00_service.zip",
    "{}_9_assignsubmission_file_/bob_1_2_service.zip",
]


@pytest.mark.parametrize("name", SPOOFED)
@pytest.mark.parametrize("uploader", ["mallory", "mossmallory"])
def test_a_file_that_is_called_like_another_platforms_is_its_uploaders(name: str, uploader: str) -> None:
    """Whatever follows the platform's part is the student's own text, and names neither a student nor a time."""
    upload = read_name(PurePath(name.format(uploader)), "service")
    assert match_uploader(upload, [("bob", "Bob", "B"), ("mallory", "Mallory", "Moss")]) != "bob"
    assert (upload.uploader or "").endswith(uploader)
    assert "2099" not in (upload.uploaded_at or "")


def test_only_after_an_assignment_is_a_part_of_the_name_tried() -> None:
    """A name of Moodle's that ends like another student's id is nobody's."""
    roster = [("bob", "Bob", "B")]
    moodle = read_name(PurePath("anon_bob_1_assignsubmission_file_service.zip"), "service")
    assert match_uploader(moodle, roster) is None


def test_the_name_of_a_zip_is_read_without_a_platform() -> None:
    """An assignment whose name looks like a platform's numbers keeps its student."""
    assert claim_in("lab_1_2_ada_20261125T200000Z", "lab_1_2") == ("ada", "20261125T200000Z")
    assert claim_in("essay", "lab_1_2") is None
