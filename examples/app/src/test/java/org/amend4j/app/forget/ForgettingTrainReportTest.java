/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.amend4j.sensitivity.Constant;
import org.junit.jupiter.api.Test;

class ForgettingTrainReportTest {

    @Test
    void whatIsNotKnownIsNotCalledProved() {
        assertEquals(
                "L: not known",
                ForgettingTrainReport.line("L", Constant.unknown()).strip());
        assertEquals(
                "G = 2.00000, PROVED: a reason",
                ForgettingTrainReport.line("G", Constant.proved(2, "a reason")).strip());
    }
}
