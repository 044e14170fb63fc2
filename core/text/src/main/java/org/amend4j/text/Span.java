/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

/** A part of a text, [begin, end) in its characters, that a pattern matched or did not. */
record Span(int begin, int end, boolean matched) {}
