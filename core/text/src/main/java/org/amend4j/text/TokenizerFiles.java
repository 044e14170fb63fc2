/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds a tokenizer's file and tells which kind it is; bounds its size before it is read. */
final class TokenizerFiles {

    private static final String JSON = "tokenizer.json";
    /** The largest known has 34 MB. */
    private static final int MOST_BYTES = 128 << 20;

    private TokenizerFiles() {}

    static Tokenizer open(Path path) throws IOException {
        Path file = path;
        if (Files.isDirectory(path)) {
            file = path.resolve(JSON);
            if (!Files.exists(file)) {
                throw new TokenizerException(path.toString(), "a folder must have a " + JSON);
            }
        }
        try (InputStream in = Files.newInputStream(file)) {
            return read(file.toString(), in);
        }
    }

    static Tokenizer read(String name, InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(MOST_BYTES + 1);
        if (bytes.length > MOST_BYTES) {
            throw new TokenizerException(name, "a tokenizer must have at most " + MOST_BYTES + " bytes");
        }
        try {
            return isJson(bytes) ? TokenizerJson.read(name, decoded(name, bytes)) : LlamaVocabulary.read(bytes);
        } catch (IllegalArgumentException e) {
            throw new TokenizerException(name, String.valueOf(e.getMessage()), e);
        }
    }

    /** A vocabulary of llama2.c begins with a number below 2^16, the lowest byte first; no JSON has two zeros there, nor in UTF-16. */
    private static boolean isJson(byte[] bytes) {
        return bytes.length < 4 || bytes[2] != 0 || bytes[3] != 0;
    }

    private static String decoded(String name, byte[] bytes) throws TokenizerException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new TokenizerException(name, "a tokenizer.json must be UTF-8", e);
        }
    }
}
