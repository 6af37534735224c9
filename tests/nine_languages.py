"""A sentence in each language of the site, full of words that are analysed in different ways."""

from __future__ import annotations

TEXTS = {
    "en": "Listening organizers were listening, marching, applying and relational; hurricanes gathered neighbourhoods.",
    "hi": "लड़कियों ने कहानियाँ सुनाईं और किताबें पढ़ीं।",
    "bn": "মেয়েদের গল্পগুলো শহরের মানুষকে জাগিয়েছে।",
    "ko": "학생들에게서 이야기를 들었습니다.",
    "tl": "Nagtuturo ang mga guro at pinagtutulungan nila ang pagtuturo.",
    "ur": "لڑکیوں نے کہانیاں سنائیں۔",
    "km": "យើងបានដើរជាមួយគ្នា។",
    "zh-Hans": "我们在码头等候渡船。",
    "vi": "Chúng tôi kể chuyện cho nhau nghe.",
}
