/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

/** Small tokenizers as files; single quotes stand for double ones. */
final class TestFiles {

    static final String WORDS = "{'type':'WordLevel','vocab':{'[UNK]':0,'a':1,'b':2,'c':3},'unk_token':'[UNK]'}";
    static final String PIECES = "{'type':'WordPiece','unk_token':'[UNK]','continuing_subword_prefix':'##',"
            + "'max_input_chars_per_word':10,'vocab':{'[PAD]':0,'[UNK]':1,'[CLS]':2,'[SEP]':3,'un':4,'##aff':5,'##able':6,"
            + "'##a':7,'aff':8,'!':9}}";
    static final String BERT = "'normalizer':{'type':'BertNormalizer','clean_text':true,'handle_chinese_chars':true,"
            + "'strip_accents':null,'lowercase':true},'pre_tokenizer':{'type':'BertPreTokenizer'},"
            + "'post_processor':{'type':'BertProcessing','sep':['[SEP]',3],'cls':['[CLS]',2]},"
            + "'decoder':{'type':'WordPiece','prefix':'##','cleanup':true},"
            + "'added_tokens':[" + special(2, "[CLS]") + "," + special(3, "[SEP]") + "]";

    private TestFiles() {}

    /** A file of a model and other parts. */
    static String file(String model, String... parts) {
        StringBuilder file = new StringBuilder("{'version':'1.0',");
        for (String part : parts) {
            file.append(part).append(',');
        }
        return file.append("'model':").append(model).append('}').toString();
    }

    static String special(int id, String content) {
        return "{'id':" + id + ",'content':'" + content + "','single_word':false,'lstrip':false,'rstrip':false,"
                + "'normalized':false,'special':true}";
    }

    /** The model of byte pairs with all bytes and these merges. */
    static String bytePairs(List<String> merges) {
        StringBuilder vocabulary = new StringBuilder();
        StringBuilder list = new StringBuilder();
        int next = 0;
        for (int b = 0; b < 256; b++) {
            int c = ByteCharacters.character(b);
            String shown = c == '"' || c == '\\' ? "\\" + (char) c : c == '\'' ? "\\u0027" : Character.toString(c);
            vocabulary.append(next == 0 ? "'" : ",'").append(shown).append("':").append(next++);
        }
        for (String merge : merges) {
            vocabulary.append(",'").append(merge.replace(" ", "")).append("':").append(next++);
            list.append(list.isEmpty() ? "'" : ",'").append(merge).append('\'');
        }
        return "{'type':'BPE','vocab':{" + vocabulary + "},'merges':[" + list + "]}";
    }

    static Tokenizer read(String file) throws IOException {
        return Tokenizer.read(new ByteArrayInputStream(file.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
    }

    /** Tokens with what they were made of. */
    static List<String> made(Tokenizer tokenizer, String text) {
        Encoding encoding = tokenizer.encode(text);
        return IntStream.range(0, encoding.size())
                .mapToObj(i -> encoding.tokens().get(i) + "=" + text.substring(encoding.begin(i), encoding.end(i)))
                .toList();
    }
}
