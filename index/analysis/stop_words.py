"""Words so common that a query does without them: they are in the index (phrases need them) but are not asked for."""

from __future__ import annotations

from index.analysis.folding import fold

# Question words are here too: people type whole questions, and stories seldom answer with the word "what".
_LISTS = {
    "en": """a about after all also am an and any are as at be because been before being between both but by can
        could did do does doing done each for from further had has have having he her here hers him his how i if
        in into is it its just may me more most must my no nor not of off on once only or other our out over own
        same shall she should so some such than that the their them then there these they this those through to
        too under until up upon us very was we were what when where which while who whom whose why will with
        would you your""",
    "hi": """का के की को में से पर है हैं था थी थे और एक यह वह ये वे ने भी कि जो तो ही हो न नहीं इस उस अपने अपनी
        अपना कर करने किया गया गई हुआ हुई हुए रहा रही रहे लिए साथ तक या जब तब अब कुछ क्या कैसे क्यों कहाँ कौन
        मैं हम तुम आप मेरा मेरी मेरे उसका उसके उसकी उनके उन बहुत लेकिन बाद पहले फिर कोई किसी कई सब सभी हर
        उसे उसने उन्हें उन्होंने मुझे मैंने हमें हमारे हूँ दिया दी गए वाले वाली वाला होने करते करता करना
        सकता सकते जाता तरह जैसे ऐसा क्योंकि अगर द्वारा बारे थीं""",
    "bn": """ও এবং এই সে যে তা না কি কিন্তু করে করা হয় হয়ে হয়েছে থেকে জন্য একটি এক তার তারা আমি আমার আমরা তুমি
        আপনি সঙ্গে সাথে ছিল ছিলেন আছে হবে এর কে কী কেন কোথায় কীভাবে যদি তবে বা আর মধ্যে পর পরে আগে দিয়ে
        নিয়ে তিনি করতে করার করেন করেছে করেছেন করেছিলেন করল করি করছে বলে বলেন বললেন বলল বলেছেন তাদের আমাদের
        তোমার আমাকে তোমাকে তাকে নিজের যা যার যারা যিনি যখন তখন তারপর তাই এটি এটা সেই এখন আরও কিছু কেউ কোন
        কোনো গেল গেছে হল হতে হয়েছিল""",
    "ur": """کا کے کی کو میں سے پر ہے ہیں تھا تھی تھے اور ایک یہ وہ نے بھی کہ جو تو ہی ہو نہ نہیں اس ان اپنے اپنی
        اپنا کر کرنے کیا گیا گئی ہوا ہوئی ہوئے رہا رہی رہے لیے لئے ساتھ تک یا جب تب اب کچھ کیسے کیوں کہاں
        کون ہم تم آپ میرا میری میرے بہت لیکن بعد پہلے پھر صرف کسی کوئی کئی سب ہر جس جن اسے انہیں انہوں مجھے
        ہوں گا گی گے کرتے کرتا کرتی کرنا کریں ہونے ہوتا والے والی دیا دی لیا طور بارے کیونکہ اگر جبکہ تاہم
        خود تمہیں ہمارے ہماری""",
    "tl": """ang ng mga sa na at ay si ni kay nang ko mo ka ako ikaw siya kami tayo sila niya nila namin natin
        kanya kanila ito iyan iyon dito doon para may mayroon hindi huwag kung kapag pero ngunit o rin din
        lang lamang po ba pa ano sino saan bakit paano kailan upang dahil isang sina kina nina naka pag nag
        mag pang kanyang kanilang niyang siyang aking aming ating nilang kong nito noong noon nasa mula
        hanggang tungkol habang matapos pagkatapos kaya kahit naman mas dapat gaya ayon""",
    "vi": """và là của có cho các những một được trong với không này đó đã đang sẽ thì mà ở từ đến ra vào khi như
        nhưng hoặc cũng rất tôi chị bạn họ nó ông bà gì ai đâu nào sao thế vì nên bị do về lên tại để sau
        lại rằng trên phải mình chúng ta đây còn hơn nhiều theo khác chỉ cả nhất vẫn bằng bởi vậy mọi đều
        rồi nữa nhau""",
    "ko": """이 그 저 것 수 및 등 더 또 또는 그리고 그러나 하지만 있는 있다 없는 없다 하는 한 할 된 되는 나는 내
        제 왜 어떻게 무엇""",
    "zh": """的 了 着 是 在 和 与 及 也 都 就 而 之 呢 吗 吧 啊 把 被 从 对 为 这 那 我 你 他 她 它 很 有 不 一
        个 们 将 比""",
    "km": "និង ជា បាន ដែល នៅ ក្នុង នេះ នោះ មាន ពី ដោយ ទៅ មក ឬ ក៏ ៗ ដ៏ របស់ គឺ",
}

# Vietnamese words are looked up as written: without its marks "của" is any of five words, some of them names.
_AS_WRITTEN = {"vi"}

STOP_WORDS = frozenset(
    word if language in _AS_WRITTEN else fold(word) for language, words in _LISTS.items() for word in words.split()
)
# Chinese function characters: a pair that holds one says little.
# 我们的故事 is found by 我们 and 故事, 飞机怎么飞 by 飞机.
STOP_CHARACTERS = frozenset("的了着怎么什吗呢")
