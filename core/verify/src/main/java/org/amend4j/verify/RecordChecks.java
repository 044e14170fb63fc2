/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.util.List;
import java.util.Optional;
import org.amend4j.verify.Claims.PrivateNames.Commitments;
import org.amend4j.verify.Claims.PrivateNames.Digests;

/** Which records were deleted and retained, for those who have an opening or know the ids. */
final class RecordChecks {

    private final SignedCertificate certificate;
    private final Claims claims;
    private final VerifierInputs inputs;
    private final int deleted;
    private final int retained;

    RecordChecks(SignedCertificate certificate, VerifierInputs inputs) {
        this.certificate = certificate;
        this.claims = certificate.claims();
        this.inputs = inputs;
        this.deleted = claims.deletion().recordsEver();
        this.retained = claims.deletion().recordsBefore() - deleted;
    }

    List<Check> all() {
        if (claims.references().names() instanceof Digests digests) {
            return List.of(
                    digests("deleted records", inputs.disclosed().deleted(), deleted, digests.deleted()),
                    digests("retained records", inputs.disclosed().retained(), retained, digests.retained()));
        }
        return List.of(opening((Commitments) claims.references().names()));
    }

    private static Check digests(String name, Optional<Ids> given, int count, String digest) {
        if (given.isEmpty()) {
            return Check.notChecked(name, "their ids were not given");
        }
        Inspection all = new Inspection(name);
        Ids ids = given.get();
        count(all, ids, count);
        all.require(ids.digest().equals(digest), "their digest is not the one of the certificate");
        return all.conclude("all " + count + " are those of the certificate");
    }

    private static void count(Inspection all, Ids ids, int count) {
        all.require(ids.areDistinct(), "an id was given twice");
        all.require(
                ids.size() == count, "there are " + count + " in the certificate, and " + ids.size() + " were given");
    }

    private Check opening(Commitments commitments) {
        String name = "opening";
        if (inputs.disclosed().opening().isEmpty()) {
            return Check.notChecked(name, "the commitments were not opened: which records were deleted is not told");
        }
        try {
            Opening opening = Opening.read(inputs.disclosed().opening().get());
            Inspection all = new Inspection(name);
            all.require(opening.certificate().equals(certificate.sha256()), "it opens another certificate");
            opening.wrong(commitments).forEach(wrong -> all.require(false, wrong));
            Ids gone = opening.deleted().value();
            Ids kept = opening.retained().value();
            count(all, gone, deleted);
            count(all, kept, retained);
            all.require(gone.isDisjointFrom(kept), "a record is deleted and retained");
            all.require(
                    inputs.disclosed().deleted().map(gone::isSameAs).orElse(true),
                    "other records are deleted than were given");
            all.require(
                    inputs.disclosed().retained().map(kept::isSameAs).orElse(true),
                    "other records are retained than were given");
            return all.conclude(deleted + " deleted and " + retained + " retained records are those committed to");
        } catch (RejectedException e) {
            return Check.failed(name, e.sentence());
        }
    }
}
