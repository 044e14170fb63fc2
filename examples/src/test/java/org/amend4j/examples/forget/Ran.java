package org.amend4j.examples.forget;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import org.amend4j.examples.cli.Amend4j;

/** What a command said. */
record Ran(int code, String out, String err) {

    static Ran amend4j(Object... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] texts = Arrays.stream(words).map(Object::toString).toArray(String[]::new);
        int code = Amend4j.run(new PrintWriter(out), new PrintWriter(err), texts);
        return new Ran(code, out.toString(), err.toString());
    }

    JsonNode json() throws IOException {
        return new ObjectMapper().readTree(out);
    }

    Ran done() {
        assertEquals(0, code, err + out);
        return this;
    }

    /** One sentence and exit code 2. */
    void refused(String sentence) {
        assertEquals(2, code, err);
        assertTrue(err.contains(sentence), err);
        assertEquals(1, err.lines().count(), err);
        assertEquals("", out);
    }
}
