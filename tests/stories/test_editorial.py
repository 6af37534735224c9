from __future__ import annotations
import factories as make
from stories.workflow import State
from stories import queries, editorial, words, workflow
from stories.models import *
def test_all(session, now):
    for s in State:
        st = make.story_in(session, s)
        assert st.submission.state is s
        session.commit()
    st = make.published(session, themes=(make.theme(session),), organisation=make.organisation(session))
    session.commit()
    assert queries.public_stories(session).total == 2
    assert queries.themes_with_counts(session)[0][1] == 1
    assert queries.organisations_with_counts(session)[0][1] == 1
    assert words.of(st.newest_revision).digest == st.newest_revision.digest
    assert queries.story_at(session, st.slug) is st
    mo = make.person(session, Role.MODERATOR)
    editorial.correct(st, make.words(title='x'), by=mo, at=now, revision_id=st.newest_revision.id, note='typo')
    print(workflow.open_to(st, st.submitter), workflow.open_to(st, mo))
    editorial.confirm(st, by=st.submitter, at=now, revision_id=st.newest_revision.id)
    editorial.publish(st, by=None, at=now)
    session.commit()
    editorial.withdraw(st, editorial.Scope.DELETE, by=st.submitter, at=now)
    session.commit()
    print(queries.public_stories(session).total, st.slug, [ (t.verb,t.start,t.end) for t in st.transitions])
