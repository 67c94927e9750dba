/** The most common passwords, in lower case and without digits and punctuation at their ends. */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  `
abc123 access adidas admin administrator alexander alexandra amanda andrea andrew angel angela anthony
apollo arsenal asdf asdfasdf asdfgh asdfghjk asdfghjkl asshole ashley austin banana barcelona baseball basketball batman benjamin
bigdaddy blink blowme bonjour brandon brooklyn bubbles bulldog butterfly calvin campbell caroline celtic
changeit changeme charles charlie charlotte chelsea cheese chicago chicken chocolate chris christian christina
christopher claudia compaq computer connor cookie cooper corvette cowboys creative crystal dallas daniel danielle darkness
default diamond dolphin dolphins dragon eagles einstein elephant elizabeth everton explorer fender ferrari fireball firebird
football forever formula freedom friends fuckoff fuckyou garfield gateway george gibson ginger godzilla goldfish golfer guest
hannah harley hello helloworld heather hunter iceman iloveu iloveyou internet jackson jasmine jennifer jessica jesus johnny
jonathan jordan joshua justin kimberly kitten knight letmein letmein liverpool london login lovely loveme lover madison maggie
manager marina marlboro martin master matrix matthew maverick melissa mercedes metallica michael michelle midnight mickey
minecraft monkey monster montana morgan mother mustang myspace naruto nathan natasha newyork nicholas nicole nintendo nothing
office oliver orange p@ssw0rd p@ssword pa$$word pa$$w0rd pakistan panther parker passw0rd passwd password passwordpassword
patricia patrick peanut pepper phantom phoenix placeholder platinum playboy please pokemon porsche porsche prince princess
private purple qazwsx qazwsxedc qwerty qwertyui qwertyuiop qwertz qwertzui qwertzuiop azerty azertyuiop rachel raiders rainbow
ranger rangers rebecca redsox redskins richard robert rocket rockstar root samantha samsung sandra saturn scooter scorpio
scorpion secret secure security sebastian september server shadow silver skywalker slayer slipknot snoopy snowball soccer
softball spiderman spongebob startrek starwars steelers stephanie steven summer sunshine superman superstar superuser survivor
swordfish sysadmin system taylor temp temppass tequila test tester testing testtest testpass thomas thunder tigers tigger
trustno trustno1 tweety united undertaker user valentina vanessa victoria viking warcraft warrior welcome welcometo whatever william
winner winston winter wizard yamaha yankees yellow zaq12wsx zaqwsx zxcvbn zxcvbnm 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qazxsw2
q1w2e3r4 q1w2e3r4t5 a1b2c3d4 pass passpass hunter2 correcthorsebatterystaple
`.trim().split(/\s+/),
);
