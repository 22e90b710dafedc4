"""Mail domains that belong to everybody: an address there says nothing about a company."""

from __future__ import annotations

from countersign.text.folding import fold_domain

_BRANDS = (
    "aol gmx gmail googlemail hotmail icloud inbox live mail msn outlook proton protonmail"
    " tuta tutanota yahoo yandex ymail zoho zohomail rocketmail fastmail hushmail mailbox"
)
_ENDINGS = (
    "com net org de at ch fr it es pt nl be lu dk se no fi pl cz sk hu ro bg gr ie eu me us ca mx"
    " br ar cl co in jp kr tw hk sg my id th vn ph nz au za tr ru ua by kz il ae info biz"
    " co.uk co.in co.jp co.kr co.nz co.za co.id co.il com.au com.br com.mx com.ar com.tr com.sg"
    " com.hk com.tw com.my com.ph com.vn com.ua"
)
_OTHERS = """
    163.com 126.com 139.com qq.com foxmail.com sina.com sohu.com yeah.net naver.com daum.net
    hanmail.net rediffmail.com mac.com pm.me proton.me protonmail.ch tuta.io keemail.me posteo.de
    posteo.net posteo.at posteo.ch riseup.net disroot.org web.de freenet.de t-online.de arcor.de
    online.de email.de mail.de vodafone.de vodafonemail.de kabelmail.de o2mail.de unitybox.de
    alice-dsl.net hotmail.co.uk btinternet.com sky.com talktalk.net virginmedia.com ntlworld.com
    blueyonder.co.uk orange.fr wanadoo.fr free.fr laposte.net sfr.fr bbox.fr neuf.fr numericable.fr
    libero.it virgilio.it alice.it tiscali.it tin.it email.it aruba.it pec.it legalmail.it
    terra.es telefonica.net sapo.pt ziggo.nl kpnmail.nl planet.nl xs4all.nl hetnet.nl home.nl
    telenet.be skynet.be proximus.be bluewin.ch hispeed.ch sunrise.ch aon.at chello.at a1.net
    utanet.at wp.pl o2.pl onet.pl interia.pl op.pl poczta.onet.pl seznam.cz email.cz centrum.cz
    centrum.sk azet.sk freemail.hu citromail.hu abv.bg mail.bg telia.com telia.se spray.se
    bredband.net comhem.se online.no jubii.dk tdcadsl.dk luukku.com kolumbus.fi mail.ru bk.ru
    list.ru inbox.ru rambler.ru ya.ru ukr.net i.ua bigmir.net comcast.net verizon.net att.net
    sbcglobal.net bellsouth.net cox.net charter.net earthlink.net optonline.net juno.com
    netzero.net frontier.com windstream.net rogers.com shaw.ca sympatico.ca bell.net telus.net
    videotron.ca bigpond.com bigpond.net.au optusnet.com.au iinet.net.au xtra.co.nz uol.com.br
    bol.com.br terra.com.br ig.com.br globo.com mweb.co.za telkomsa.net mynet.com walla.com
    walla.co.il duck.com hey.com mailo.com gmx.net gmx.de gmx.at gmx.ch gmx.com gmx.eu gmx.org
"""

FREE_MAIL_DOMAINS: frozenset[str] = frozenset(
    {f"{brand}.{ending}" for brand in _BRANDS.split() for ending in _ENDINGS.split()}
    | set(_OTHERS.split())
)
"""Domains of public mail services and of internet providers that give their customers addresses,
from the providers' own sign-up pages; written by hand, with every ending the large ones use."""


def is_free_mail(domain: str) -> bool:
    """Whether anybody can have an address of this domain or of a subdomain of it."""
    parts = fold_domain(domain).split(".")
    return any(".".join(parts[start:]) in FREE_MAIL_DOMAINS for start in range(len(parts) - 1))
