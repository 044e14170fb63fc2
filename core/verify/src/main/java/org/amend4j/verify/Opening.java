/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.amend4j.verify.CanonicalJson.Style;
import org.amend4j.verify.Claims.PrivateNames.Commitments;

/**
 * What an operator opens of a certificate's commitments to an auditor, docs/certificate.md: the key of each, and what it is about.
 *
 * @param certificate SHA-256 of the certificate's file
 * @param checkpoint SHA-256 of the parameters that were rewound to
 * @param deleted ids of all records ever deleted
 * @param retained ids of all retained records
 */
record Opening(String certificate, Opened<String> checkpoint, Opened<Ids> deleted, Opened<Ids> retained) {

    private static final int LARGEST = 1 << 28;

    /** A value and the key that opens its commitment. */
    record Opened<T>(String key, T value) {}

    static Opening read(Path file) throws RejectedException {
        String text = CanonicalJson.decode(SmallFiles.read(file, LARGEST)).stripTrailing();
        Fields fields = new Fields("", CanonicalJson.object(text, Style.JCS), Style.JCS);
        Fields checkpoint = fields.object("checkpoint");
        Opening opening = new Opening(
                fields.hash("certificate"),
                new Opened<>(checkpoint.hash("key"), checkpoint.hash("sha256")),
                ids(fields.object("deleted")),
                ids(fields.object("retained")));
        checkpoint.finish();
        fields.finish();
        return opening;
    }

    private static Opened<Ids> ids(Fields of) throws RejectedException {
        Opened<Ids> opened = new Opened<>(of.hash("key"), Ids.parse(of.text("ids")));
        of.finish();
        return opened;
    }

    /** Whether it opens all three. */
    List<String> wrong(Commitments commitments) {
        List<String> wrong = new ArrayList<>();
        require(
                wrong,
                "checkpoint",
                commitments.checkpoint(),
                commit(checkpoint.key(), HexFormat.of().parseHex(checkpoint.value())));
        require(
                wrong,
                "deleted",
                commitments.deleted(),
                commit(deleted.key(), deleted.value().bytes()));
        require(
                wrong,
                "retained",
                commitments.retained(),
                commit(retained.key(), retained.value().bytes()));
        return wrong;
    }

    private static void require(List<String> wrong, String name, String committed, String opened) {
        if (!committed.equals(opened)) {
            wrong.add("the commitment " + Quoted.of(name) + " is to something else");
        }
    }

    private static String commit(String key, byte[] value) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(HexFormat.of().parseHex(key), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(value));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HMAC-SHA256", e);
        }
    }
}
