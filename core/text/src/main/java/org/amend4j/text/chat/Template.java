/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.util.List;

/** A template as it was read. */
record Template(List<Statement> statements) {}
