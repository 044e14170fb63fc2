/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.util.List;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.Opening;
import org.amend4j.certificate.ReleasedFile;

/** A deletion that is certified by the code that makes certificates. */
interface Certifiable {

    /** Names it among all scenarios. */
    String name();

    /** What the ledger calls it. */
    String way();

    /** Where it goes on from. */
    int checkpoint();

    Certificate certificate(List<ReleasedFile> files, List<String> subjects, String ledgerHead, long ledgerSequence);

    /** With files, subject and ledger of no importance. */
    Certificate certificate(String ledgerHead, long ledgerSequence);

    Opening opening(String certificateHash);

    long[] retainedIds();
}
