"""Which of KakaoTalk's messages are nobody's words: pictures, stickers, calls, joins, deletions.

Pure. An export does not mark them: a message that says only "사진" is taken for a picture.
"""

from __future__ import annotations

import re

_FILE = r"[^\n/\\]{1,200}\.(?:jpe?g|png|gif|webp|heic|mp4|mov|avi|m4a|mp3|amr|aac)"
_MEDIA = re.compile(
    r"<?(?:"
    r"사진(?: ?\d+ ?장)?|동영상|이모티콘|스티커|음성 ?메시지|(?:사진|동영상) 읽지 않음"
    r"|(?:\d+ )?[Pp]hotos?(?: \d+)?|\d+ [Pp]hotos sent|[Vv]ideos?|[Ee]mot[ei]cons?|[Ss]tickers?"
    r"|[Vv]oice (?:[Nn]ote|[Mm]essage)s?|[Aa]udio|[Mm]edia omitted"
    rf"|{_FILE}"
    r")>?"
    r"|(?:파일|연락처|지도|File|Contact|Map) ?: ?[^\n]{1,300}"
    r"|(?:보이스톡|페이스톡|라이브톡|그룹콜)(?: ?(?:해요|취소|부재중|종료|거절|응답 없음|시작"
    r"|했어요|(?:통화 ?시간 ?)?\d+(?::\d\d)+))?\.?"
    r"|(?:Voice|Video|Face|Group) ?(?:Call|Talk)(?: (?:ended|canceled|cancelled|missed"
    r"|no answer|declined|\d+(?::\d\d)+))?\.?"
)
_DELETED = re.compile(
    r"삭제된 메시지입니다\.?|메시지가 삭제되었습니다\.?|(?:채팅방 )?관리자가 메시지를 가렸습니다\.?"
    r"|(?:This|The) (?:message|chat) (?:was|has been) deleted\.?|Deleted message\.?"
    r"|(?:This )?[Mm]essage (?:was )?(?:deleted|hidden)(?: by .{1,60})?\.?"
)
_SYSTEM = re.compile(
    r".{1,80}님이 (?:들어왔|나갔|입장했|퇴장했)습니다\.?(?:운영정책을 .*)?"
    r"|.{1,80}님(?:이|을|께서) .{1,400}(?:님을|님과|님께|님에게|채팅방|방장|부방장).{0,200}"
    r"(?:초대|내보|강퇴|위임|임명|해제|변경|되어).{0,30}습니다\.?"
    r"|.{1,80}님을 (?:내보냈|초대했|초대하였|강제 퇴장)\S*습니다\.?|.{1,80}님을 내보냈습니다\.?"
    r"|채팅방 관리자가 .{1,60}습니다\.?|방장이 .{1,60}습니다\.?"
    r"|운영정책을 위반한 메시지로 .{0,200}"
    r"|.{1,80} (?:has )?(?:joined|left|entered) (?:this|the) (?:chat ?room|group|chat)\."
    r"|[A-Z가-힣].{0,60} invited [A-Z가-힣].{0,300}\."
    r"|.{1,80} (?:has been|was) (?:removed|kicked)\b.{0,20} (?:chat ?room|group|chat)\."
)


def is_media(text: str) -> bool:
    """Is the whole message one of KakaoTalk's own placeholders, or a deletion?"""
    whole = text.strip()
    return bool(_MEDIA.fullmatch(whole) or _DELETED.fullmatch(whole))


def is_system(line: str) -> bool:
    """Is a line that nobody signed one of KakaoTalk's announcements?"""
    whole = line.strip()
    return bool(_SYSTEM.fullmatch(whole) or _DELETED.fullmatch(whole))
