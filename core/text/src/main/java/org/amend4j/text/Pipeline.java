/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.ArrayList;
import java.util.List;

/** The parts of a tokenizer that a file describes, in their order: a text becomes words, words become tokens, tokens a text again. */
record Pipeline(
        Normalizer normalizer,
        PreTokenizer preTokenizer,
        Model model,
        PostProcessor postProcessor,
        Decoder decoder,
        AddedTokens added,
        WordCache cache) {

    Pipeline(
            Normalizer normalizer,
            PreTokenizer preTokenizer,
            Model model,
            PostProcessor postProcessor,
            Decoder decoder,
            AddedTokens added) {
        this(normalizer, preTokenizer, model, postProcessor, decoder, added, new WordCache(model));
    }

    /** The tokens of a text, without special ones. */
    TokenList tokens(String text) {
        TokenList tokens = new TokenList(text.length() / 4 + 16);
        List<AlignedText> words = new ArrayList<>();
        int word = 0;
        for (TokenFinder.Part part : added.extract(AlignedText.of(text))) {
            AlignedText found = part.text();
            AddedToken token = part.token();
            if (token != null) {
                tokens.add(token.id(), found.toString(), found.begin(0), found.end(found.length() - 1), word++);
                continue;
            }
            words.clear();
            preTokenizer.split(found, words);
            for (AlignedText each : words) {
                addWord(each, word++, tokens);
            }
        }
        return tokens;
    }

    private void addWord(AlignedText word, int number, TokenList tokens) {
        Word found = cache.tokens(word);
        for (int i = 0; i < found.size(); i++) {
            int id = found.id(i);
            tokens.add(
                    id,
                    String.valueOf(model.vocabulary().token(id)),
                    word.begin(found.begin(i)),
                    word.end(found.end(i) - 1),
                    number);
        }
    }
}
