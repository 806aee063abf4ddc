// CDL: what a developer accepts of a node, and which kinds of change are allowed.
//
//   constraint node_1 { max_execution_time: 10ms, error_rate: < 0.1% over 5m, algorithm: [sort_a, sort_b] }
//
// The rules take in a little more than the language (nested lists, selectors without a comma, any word as a
// choice), so that each mistake is reported once, in words, and reading goes on behind it. Every decision takes
// one token: with more, a mistake further on would decide how the text before it is read.
parser grammar CDLParser;

options { tokenVocab = CDLLexer; }

document    : (declaration | importing | SEPARATOR | stray | body | RBRACE)* EOF ;
declaration : DECLARE selectors body ;
importing   : IMPORT PATH+ ;
selectors   : PATTERN (COMMA? PATTERN)* ;
body        : LBRACE property? (SEPARATOR property?)* RBRACE ;
property    : key (COLON value)? ;
key         : WORD subject? ;
subject     : LBRACK NAME RBRACK ;
value       : bound | list | choice ;
bound       : COMPARATOR? amount+ (window | samples | hold)* ;
amount      : NUMBER unit? BASELINE? ;
unit        : WORD | PERCENT | RATE ;
window      : OVER NUMBER unit ;
samples     : SAMPLES NUMBER ;
hold        : HOLD NUMBER unit ;
list        : LBRACK (element (COMMA element)*)? RBRACK ;
element     : NAME | list ;
choice      : WORD (WORD | NUMBER | CLOCK)* ;

// What stands outside a declaration and should not: `body` without a head is wrong there as well.
stray       : WORD | OVER | SAMPLES | HOLD | BASELINE | NUMBER | CLOCK | COMPARATOR | PERCENT | RATE | COLON
            | LBRACK | RBRACK | COMMA | PATTERN | NAME | JUNK ;
