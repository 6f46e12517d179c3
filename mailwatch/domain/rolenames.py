"""The role that a mailbox's name suggests where the server does not say it (the roles of RFC 6154 2)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from mailwatch.domain.message import Role

# English, German, French, Spanish, Catalan, Portuguese, Italian, Dutch, Swedish, Danish
# and Norwegian, Finnish, Polish, Czech, Slovak, Hungarian, Romanian, Croatian and Slovene, Bulgarian, Russian,
# Ukrainian, Greek, Turkish, Indonesian, Vietnamese, Baltic, Chinese (both scripts), Japanese, Korean, Arabic, Hebrew.
# They are what mail programs and providers call these mailboxes by default; an outbox is none of them.
_NAMES: dict[Role, str] = {
    Role.INBOX: """
        inbox | posteingang | boîte de réception, courrier entrant | bandeja de entrada, recibidos
        safata d'entrada | caixa de entrada | posta in arrivo | postvak in, inkomend | inkorg, inkorgen
        indbakke, innboks | saapuneet | odebrane, skrzynka odbiorcza | doručená pošta | beérkezett üzenetek
        mesaje primite | входящие | вхідні | входяща поща | εισερχόμενα | gelen kutusu | kotak masuk | hộp thư đến
        收件箱, 收件匣 | 受信トレイ, 受信箱 | 받은편지함, 받은 편지함 | البريد الوارد, علبة الوارد | דואר נכנס
    """,
    Role.SENT: """
        sent, sent items, sent mail, sentmail, sent messages, sent email, sent emails, sent objects
        gesendet, gesendete, gesendete elemente, gesendete objekte, gesendete nachrichten, gesendete mails,
        gesendete e-mails | envoyés, envoyé, éléments envoyés, messages envoyés, courrier envoyé, courriers envoyés,
        objets envoyés, e-mails envoyés | enviados, elementos enviados, correo enviado, correos enviados,
        mensajes enviados | enviats, elements enviats
        itens enviados, enviadas, mensagens enviadas, e-mails enviados,
        correio enviado | inviati, inviata, posta inviata, elementi inviati, messaggi inviati
        verzonden, verzonden items, verzonden berichten, verzonden e-mail | skickat, skickade, skickade objekt,
        skickade meddelanden, skickad e-post | sendt, sendte, sendt post, sendt e-post, sendte elementer,
        sendte meldinger, sendte meddelelser, sendte mails | lähetetyt, lähetetyt viestit, lähetetty
        wysłane, wyslane, elementy wysłane, wiadomości wysłane, poczta wysłana | odeslané, odeslaná pošta,
        odeslané položky, odeslané zprávy | odoslané, odoslaná pošta, odoslané položky, odoslané správy
        elküldött, elküldve, elküldött elemek, elküldött üzenetek, elküldött levelek
        trimise, mesaje trimise, elemente trimise | poslano, poslane stavke, poslana pošta, poslane poruke
        изпратени, изпратена поща | отправленные, отправленное, отправленные элементы, отправленные сообщения
        надіслані, надіслані елементи, відправлені | απεσταλμένα, σταλμένα | gönderilmiş öğeler, gönderilenler,
        gönderilmiş, gönderilmiş postalar, gönderilmiş iletiler | terkirim, item terkirim, pesan terkirim
        đã gửi, thư đã gửi, mục đã gửi | saadetud, nosūtītie, išsiųsti | 已发送, 已发送邮件, 已发送的邮件, 已发邮件,
        已傳送, 已傳送的郵件, 寄件備份, 寄件備份匣, 已寄出
        送信済み, 送信済みメール, 送信済みアイテム, 送信済みトレイ,
        送信済トレイ, 送信済 | 보낸편지함, 보낸 편지함, 보낸 메일함, 보낸메일함, 보낸 메시지, 보낸 항목
        البريد المرسل, العناصر المرسلة, الرسائل المرسلة, المرسلة | דואר שנשלח, פריטים שנשלחו, נשלח
    """,
    Role.ARCHIVE: """
        archive, archives, archived | archiv, archivierte elemente | archivés | archivo, archivados, archivadas
        arxiu, arxivats | arquivo, arquivados, arquivo morto | archivio, archiviati | archief | arkiv, arkiverade,
        arkiveret | arkisto, arkistoidut | archiwum | archív | archívum, archivált | arhivă | arhiv, arhiva | архив
        архів | αρχειοθέτηση, αρχείο | arşiv | arsip | lưu trữ | arhiiv, arhīvs, archyvas | 存档, 归档, 封存, 已归档
        アーカイブ | 보관, 보관함, 아카이브 | أرشيف, الأرشيف | ארכיון
    """,
    Role.ALL: """
        all mail, all messages, all | alle nachrichten | tous les messages | todos | tots els missatges
        todos os e-mails, todo o correio | tutti i messaggi | alle berichten, alle e-mail | alla mail, alla mejl
        alle mails, all e-post | kaikki viestit | wszystkie, wszystkie wiadomości | všechny zprávy, všetky správy
        összes levél | toate mesajele | вся почта, уся пошта | όλα τα μηνύματα | tüm postalar | semua email
        tất cả thư | 所有邮件, 所有郵件 | すべてのメール | 전체보관함 | كل البريد | כל הדואר
    """,
    Role.DRAFTS: """
        drafts, draft, draft messages | entwürfe, entwurf, entwuerfe | brouillons, brouillon | borradores, borrador
        esborranys | rascunhos, rascunho | bozze, bozza | concepten, concept | utkast | kladder, udkast, kladd
        luonnokset | kopie robocze, szkice, wersje robocze, robocze | koncepty, rozepsané | rozpísané, rozpracované
        piszkozatok, vázlatok | ciorne, schițe | skice, nacrti, osnutki | чернови | черновики | чернетки | πρόχειρα
        taslaklar | draf | thư nháp, bản nháp, nháp | mustandid, melnraksti, juodraščiai
        草稿, 草稿箱, 草稿匣 | 下書き
        임시보관함, 임시 보관함, 초안 | مسودات, المسودات | טיוטות
    """,
    Role.JUNK: """
        junk, junk e-mail, junk email, junk mail, spam, bulk mail, spamverdacht | junk-e-mail, werbung, spam-verdacht,
        unerwünscht, unbekannt | courrier indésirable, indésirables, pourriel, spams | correo no deseado, no deseado
        correu brossa | lixo eletrônico, lixo eletrónico, correio não solicitado | posta indesiderata, indesiderata
        ongewenste e-mail, ongewenst, reclame | skräppost | uønsket post, uønsket e-post, søppelpost, spampost
        roskaposti | wiadomości-śmieci, wiadomości śmieci, niechciane | nevyžádaná pošta, nevyžádané
        nevyžiadaná pošta, nevyžiadané | levélszemét | mesaje nedorite | neželjena pošta, neželena pošta
        нежелана поща, спам | нежелательная почта | небажана пошта | ανεπιθύμητη αλληλογραφία, ανεπιθύμητα
        önemsiz, önemsiz e-posta, gereksiz | thư rác | rämpspost, mēstules, brukalas | 垃圾邮件, 垃圾箱, 垃圾郵件
        迷惑メール | 스팸, 스팸메일함, 정크 메일 | بريد غير هام, البريد المزعج | דואר זבל, ספאם
    """,
    Role.TRASH: """
        trash, deleted, deleted items, deleted messages, deleted mail, bin | papierkorb, gelöscht, gelöschte elemente,
        gelöschte objekte, gelöschte nachrichten | corbeille, éléments supprimés, messages supprimés, poubelle
        papelera, elementos eliminados, eliminados | paperera, elements suprimits | lixo, lixeira, itens excluídos,
        itens eliminados, reciclagem | cestino, posta eliminata, elementi eliminati | prullenbak, prullenmand,
        verwijderde items, verwijderd | papperskorgen, papperskorg, borttaget, borttagna objekt | papirkurv,
        slettet post, slettede elementer, slettet | roskakori, poistetut | kosz, elementy usunięte, usunięte
        koš, odstraněná pošta, odstraněné | kôš, odstránené položky, odstránená pošta | kuka, törölt elemek, lomtár
        coș de gunoi, elemente șterse, gunoi | smeće, otpad, obrisane stavke, koš za smeti | кошче, изтрити
        корзина, удаленные, удалённые, удаленные элементы | кошик, видалені | κάδος απορριμμάτων, διαγραμμένα
        çöp kutusu, çöp, silinmiş öğeler | sampah, item dihapus | thùng rác | prügikast, miskaste, šiukšliadėžė
        已删除, 已删除邮件, 回收站, 废件箱, 刪除的郵件, 垃圾桶
        ごみ箱, ゴミ箱, 削除済みアイテム | 휴지통, 지운 편지함,
        삭제된 항목 | سلة المهملات, العناصر المحذوفة | אשפה, פריטים שנמחקו
    """,
}
_PARENTS_THAT_ARE_NO_NAME = frozenset({"inbox", "[gmail]", "[google mail]"})


def _folded(name: str) -> str:
    """A name without case, accents and the kinds of space, so that `Eléments envoyés` is `elements envoyes`."""
    plain = unicodedata.normalize("NFKD", name[:200].casefold())
    kept = "".join(" " if sign in "-_" else sign for sign in plain if unicodedata.category(sign) != "Mn")
    return " ".join(kept.split())


def _table() -> dict[str, Role]:
    table: dict[str, Role] = {}
    for role, words in _NAMES.items():
        for line in words.replace("|", "\n").replace(",", "\n").splitlines():
            if line.strip():
                table.setdefault(_folded(line), role)
    return table


_ROLES = _table()


def role_of_name(name: str) -> Role | None:
    """The role that a mailbox is usually for when it bears this name, or None.

    `name` is the last component of the path, decoded (no modified UTF-7). The whole name has to match: neither
    `Sent to Bob` nor `INBOX.IDN.Sent` is the sent mailbox. Case and accents do not count.
    """
    return _ROLES.get(_folded(name))


def role_of_path(path: Sequence[str]) -> Role | None:
    """The role that a mailbox's whole path suggests, or None; `path` holds its decoded components from the top.

    A well-known name counts at the top, or right below INBOX or [Gmail]; deeper down it is somebody's own order
    (`IDN/Sent` keeps mail about being sent). What lies below an archive (`Archives/2025`) or below junk, drafts
    and trash is of the same role.
    """
    parts = [part for part in path if part]
    if len(parts) > 1 and parts[0].casefold() in _PARENTS_THAT_ARE_NO_NAME:
        parts = parts[1:]
    if not parts:
        return None
    role = role_of_name(parts[0])
    if len(parts) == 1:
        return role
    return role if role in (Role.ARCHIVE, Role.DRAFTS, Role.JUNK, Role.TRASH) else None
